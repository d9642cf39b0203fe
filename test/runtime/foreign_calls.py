#!/usr/bin/env python3
"""foreign_calls.py: does foreign_test.async.c sweep every public call that belongs to a loop's thread?

Each function and each macro that the headers declare has to occur there (what is awaited, and async_loop_uv's like in loop_uv_test.c),
or below with the reason.
"""
import pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

ELSEWHERE = {
    "any thread": """async_call_soon_threadsafe async_run_coroutine_threadsafe async_error_text async_loop_new async_loop_new_uv async_loop_find
        async_time async_executor_init async_executor_release async_executor_retain async_executor_share async_executor_shutdown
        async_executor_shutdown_cancel async_inline_executor_new async_job_cancelled async_job_end async_job_run
        async_process_pool_new async_process_pool_new_with async_thread_pool_new async_thread_pool_new_with""",
    "for the thread that asked the loop": """async_thread_wait async_thread_result async_thread_done async_thread_cancel
        async_thread_release""",
    "a descriptor is no loop's": """async_close async_getpeername async_getsockname async_listen async_listen_unix async_local_port async_pipe
        async_set_nonblocking async_shutdown async_sim_reset async_socket async_socketpair async_start_server_on async_wait_readable async_wait_writable async_read async_write async_recv async_send async_send_all
        async_accept async_connect_fd async_recvfrom async_sendto async_sendfile async_file_open async_file_read async_file_write
        async_file_sync async_file_close""",
    "makes what is nobody's yet": """async_condition_init async_event_init async_lock_init async_semaphore_init async_semaphore_init_bounded
        async_queue_create_lifo async_queue_create_priority async_create_task async_create_task_eager async_run async_run_on
        async_connect async_connect_unix async_open_connection async_open_unix_connection async_getaddrinfo async_start_unix_server
        async_spawn_shell""",
    "never changes": "async_process_pid async_process_in async_process_out async_process_err async_queue_maxsize",
    "of the task that runs here": """async_error_cause async_group_error async_raise async_reraise async_raise_error async_except async_except_error
        async_timeout async_timeout_as async_task_group async_awaitable async_awaitable_by async_run_in_executor async_run_in_executor_abandon async_executor_map
        async_local_get async_call_exception_handler async_default_exception_handler async_fail async_wake_soon""",
    "types": "async_task async_future async_coro async_queue async_thread_future async_local",
    "for back ends, which the loop calls": """async_loop_backend_state async_loop_complete async_loop_received async_loop_report async_timer_deadline
        async_timer_start_default async_timer_stop_default""",
}


def public_calls():
    for header in sorted((ROOT / "include/async").glob("*.h")):
        if header.name == "abi.h":
            continue
        text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
        found = re.findall(r"^(?:_Async )?(?!typedef|extern|_Static)[a-z].*?\b(async_[a-z]\w*)\(", text, re.M)
        found += re.findall(r"^#define (async_[a-z]\w*)\(", text, re.M)
        yield from (name for name in found if "__" not in name)


def main():
    swept = "".join((ROOT / "test/runtime" / name).read_text() for name in ("foreign_test.async.c", "loop_uv_test.c"))
    excused = {name for names in ELSEWHERE.values() for name in names.split()}
    calls = set(public_calls())
    complaints = [f"{name} is not called from a foreign thread" for name in sorted(calls - excused) if name + "(" not in swept]
    complaints += [f"{name}: there is no such call" for name in sorted(excused - calls)]
    print("\n".join(complaints + [f"{len(calls) - len(excused)} calls swept, {len(excused)} excused"]))
    sys.exit(bool(complaints))


main()
