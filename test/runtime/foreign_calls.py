#!/usr/bin/env python3
"""foreign_calls.py: does foreign_test.async.c sweep every public call that belongs to a loop's thread?

Each function of the headers that is not async has to occur there, or below with the reason.
"""
import pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

ELSEWHERE = {
    "any thread": """async_call_soon_threadsafe async_error_text async_loop_new async_loop_find async_time async_executor_init
        async_executor_release async_executor_retain async_executor_share async_executor_shutdown async_executor_shutdown_cancel
        async_inline_executor_new async_job_cancelled async_job_end async_job_run async_process_pool_new async_process_pool_new_with
        async_thread_pool_new async_thread_pool_new_with""",
    "a descriptor is no loop's": "async_close async_listen async_listen_unix async_local_port async_set_nonblocking async_socket",
    "a child process is no loop's": """async_process_err async_process_free async_process_in async_process_kill async_process_out
        async_process_pid async_process_returncode async_process_send_signal async_process_terminate""",
    "sets up what is nobody's yet": """async_condition_init async_event_init async_lock_init async_semaphore_init
        async_semaphore_init_bounded async_queue_create_lifo async_queue_create_priority async_queue_set_destructor async_start_server_on
        async_stream_retain async_stream_set_limit""",
    "only looks": """async_barrier_n_waiting async_error_cause async_group_error async_queue_empty async_queue_full async_queue_maxsize
        async_queue_size async_sim_faults async_sim_trace_hash async_stream_at_eof async_stream_fd async_stream_partial
        async_loop_fd async_loop_next_deadline async_timer_deadline""",
    "awaitables, which need a task": "async_queue_get async_queue_put async_queue_join",
    "means whoever runs here": "async_call_exception_handler async_default_exception_handler async_fail async_wake_soon",
    "for back ends, which the loop calls": """async_loop_backend_state async_loop_complete async_loop_report async_timer_start_default
        async_timer_stop_default""",
    "does nothing unless debug mode is on": "async_set_slow_callback_duration",
}


def public_calls():
    for header in sorted((ROOT / "include/async").glob("*.h")):
        if header.name in ("abi.h", "uv.h"):
            continue
        text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
        found = re.findall(r"^(?!_Async|typedef|extern)[a-z].*?\b(async_[a-z]\w*)\(", text, re.M)
        found += re.findall(r"^#define (async_(?:queue|set|result|create_future)\w*)\(", text, re.M)
        yield from (name for name in found if "__" not in name)


def main():
    swept = (ROOT / "test/runtime/foreign_test.async.c").read_text()
    excused = {name for names in ELSEWHERE.values() for name in names.split()}
    calls = set(public_calls())
    complaints = [f"{name} is not called from a foreign thread" for name in sorted(calls - excused) if name + "(" not in swept]
    complaints += [f"{name}: there is no such call" for name in sorted(excused - calls)]
    print("\n".join(complaints + [f"{len(calls) - len(excused)} calls swept, {len(excused)} excused"]))
    sys.exit(bool(complaints))


main()
