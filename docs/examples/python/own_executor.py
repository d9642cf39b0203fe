# https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor, one that makes the latest call first
import asyncio
import concurrent.futures
import threading


class NewestFirst(concurrent.futures.Executor):
    def __init__(self):
        self.stack, self.changed, self.closed = [], threading.Condition(), False
        self.thread = threading.Thread(target=self.work)

    def work(self):
        with self.changed:
            while self.stack or not self.closed:
                if not self.stack:
                    self.changed.wait()
                    continue
                future, function, arguments = self.stack.pop()
                self.changed.release()
                if future.set_running_or_notify_cancel():
                    future.set_result(function(*arguments))
                self.changed.acquire()

    def submit(self, function, /, *arguments):
        future = concurrent.futures.Future()
        with self.changed:
            self.stack.append((future, function, arguments))
            self.changed.notify()
        return future

    def shutdown(self, wait=True, *, cancel_futures=False):
        with self.changed:
            self.closed = True
            self.changed.notify()
        self.thread.join()


def square(n):
    print(f"square of {n}")
    return n * n


async def main():
    executor = NewestFirst()
    loop = asyncio.get_running_loop()
    one, two, three = (loop.run_in_executor(executor, square, n) for n in (1, 2, 3))
    executor.thread.start()
    print(f"sum: {await one + await two + await three}")
    executor.shutdown()


asyncio.run(main())
