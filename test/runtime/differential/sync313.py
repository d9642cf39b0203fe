"""sync313.py: locks, conditions, barriers, semaphores and queues as CPython 3.13 has them."""
import asyncio, collections, heapq


class Lock:
    def __init__(self):
        self.held, self.waiters = False, collections.deque()

    def locked(self):
        return self.held

    async def __aenter__(self):
        await self.acquire()

    async def __aexit__(self, *_):
        self.release()

    async def acquire(self):
        if not self.held and all(waiter.cancelled() for waiter in self.waiters):
            self.held = True
            return True
        waiter = asyncio.get_running_loop().create_future()
        self.waiters.append(waiter)
        try:
            try:
                await waiter
            finally:
                self.waiters.remove(waiter)
        except asyncio.CancelledError:
            if not self.held: self.wake_up_first()
            raise
        self.held = True
        return True

    def release(self):
        if not self.held: raise RuntimeError
        self.held = False
        self.wake_up_first()

    def wake_up_first(self):
        if self.waiters and not self.waiters[0].done():
            self.waiters[0].set_result(True)


class Condition:
    def __init__(self):
        self.lock, self.waiters = Lock(), collections.deque()
        self.locked, self.acquire, self.release = self.lock.locked, self.lock.acquire, self.lock.release

    async def __aenter__(self):
        await self.acquire()

    async def __aexit__(self, *_):
        self.release()

    async def wait(self):
        if not self.locked(): raise RuntimeError
        waiter = asyncio.get_running_loop().create_future()
        self.release()
        try:
            try:
                self.waiters.append(waiter)
                try:
                    await waiter
                    return True
                finally:
                    self.waiters.remove(waiter)
            finally:
                latest = None
                while True:
                    try:
                        await self.acquire()
                        break
                    except asyncio.CancelledError as error:
                        latest = error
                if latest is not None: raise latest
        except BaseException:
            self.wake(1)
            raise

    async def wait_for(self, predicate):
        while not predicate():
            await self.wait()

    def notify(self, n=1):
        if not self.locked(): raise RuntimeError
        self.wake(n)

    def notify_all(self):
        self.notify(len(self.waiters))

    def wake(self, n):
        for waiter in self.waiters:
            if n <= 0: break
            if not waiter.done():
                n -= 1
                waiter.set_result(False)


class Barrier(asyncio.Barrier):
    def __init__(self, parties):
        super().__init__(parties)
        self._cond = Condition()


class Semaphore:
    def __init__(self, value):
        self.value, self.waiters = value, collections.deque()

    def locked(self):
        return self.value == 0 or any(not waiter.cancelled() for waiter in self.waiters)

    async def __aenter__(self):
        await self.acquire()

    async def __aexit__(self, *_):
        self.release()

    async def acquire(self):
        if not self.locked():
            self.value -= 1
            return True
        waiter = asyncio.get_running_loop().create_future()
        self.waiters.append(waiter)
        try:
            try:
                await waiter
            finally:
                self.waiters.remove(waiter)
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled(): self.value += 1
            raise
        finally:
            while self.value > 0 and self.wake_up_next():
                pass
        return True

    def release(self):
        self.value += 1
        self.wake_up_next()

    def wake_up_next(self):
        for waiter in self.waiters:
            if not waiter.done():
                self.value -= 1
                waiter.set_result(True)
                return True
        return False


class QueueFull(Exception): pass
class QueueEmpty(Exception): pass
class QueueShutDown(Exception): pass


class Queue:
    """order: "fifo", "lifo" or "priority"."""

    def __init__(self, maxsize=0, order="fifo"):
        self.maxsize, self.order, self.items, self.number = maxsize, order, collections.deque(), 0
        self.getters, self.putters = collections.deque(), collections.deque()
        self.unfinished, self.is_shutdown, self.finished = 0, False, asyncio.Event()
        self.finished.set()

    def empty(self):
        return not self.items

    def full(self):
        return self.maxsize > 0 and len(self.items) >= self.maxsize

    def wake_up_next(self, waiters):
        while waiters:
            waiter = waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                break

    async def wait_in(self, waiters, could_go_on):
        waiter = asyncio.get_running_loop().create_future()
        waiters.append(waiter)
        try:
            await waiter
        except BaseException:
            waiter.cancel()
            try:
                waiters.remove(waiter)
            except ValueError:
                pass
            if could_go_on() and not waiter.cancelled():
                self.wake_up_next(waiters)
            raise

    async def put(self, item):
        while self.full():
            if self.is_shutdown: raise QueueShutDown
            await self.wait_in(self.putters, lambda: not self.full())
        self.put_nowait(item)

    def put_nowait(self, item):
        if self.is_shutdown: raise QueueShutDown
        if self.full(): raise QueueFull
        self.number += 1
        if self.order == "priority":
            items = list(self.items)
            heapq.heappush(items, (item, self.number))
            self.items = collections.deque(items)
        else:
            self.items.append(item)
        self.unfinished += 1
        self.finished.clear()
        self.wake_up_next(self.getters)

    async def get(self):
        while self.empty():
            if self.is_shutdown: raise QueueShutDown
            await self.wait_in(self.getters, lambda: not self.empty())
        return self.get_nowait()

    def take(self):
        if self.order == "fifo": return self.items.popleft()
        if self.order == "lifo": return self.items.pop()
        items = list(self.items)
        item, _ = heapq.heappop(items)
        self.items = collections.deque(items)
        return item

    def get_nowait(self):
        if self.empty(): raise QueueShutDown if self.is_shutdown else QueueEmpty
        item = self.take()
        self.wake_up_next(self.putters)
        return item

    def task_done(self):
        if self.unfinished <= 0: raise ValueError
        self.unfinished -= 1
        if self.unfinished == 0: self.finished.set()

    async def join(self):
        if self.unfinished > 0: await self.finished.wait()

    def shutdown(self, immediate=False):
        self.is_shutdown = True
        if immediate:
            while not self.empty():
                self.take()
                if self.unfinished > 0: self.unfinished -= 1
            if self.unfinished == 0: self.finished.set()
        for waiters in self.getters, self.putters:
            while waiters:
                waiter = waiters.popleft()
                if not waiter.done(): waiter.set_result(None)
