"""asyncio313.py: asyncio as CPython 3.13 has it, on the interpreter at hand (3.11 or newer), in virtual time.

What 3.11 and 3.12 do otherwise is here as 3.13 does it: uncancel, eager tasks, gather, wait_for, task groups, as_completed; sync313.py
has locks and their like.  Where we document to behave better than that, so does this: equal deadlines are first come first served,
and a completion that precedes a timeout wins.
"""
import asyncio, itertools, selectors

from sync313 import Queue


class Deadlock(Exception):
    pass


class Selector(selectors.DefaultSelector):
    loop = None

    def select(self, timeout=None):
        if timeout is None:
            raise Deadlock
        if timeout > 0:
            self.loop.clock += timeout
        return []


class Loop(asyncio.SelectorEventLoop):
    def __init__(self, eager):
        selector = Selector()
        super().__init__(selector)
        selector.loop = self
        self.clock = 0
        self._clock_resolution = 1e-9
        self.eager = eager
        self.set_task_factory(lambda loop, coro, **_: new_task(loop, coro, loop.eager and loop.is_running()))
        self.too_deep = False  # tasks that wait for each other in a circle: asyncio cannot cancel them, we can
        self.first_step = None  # of the eager task that is being made
        self.set_exception_handler(self.look)

    def look(self, loop, context):
        if isinstance(context.get("exception"), RecursionError): self.too_deep = True

    def time(self):
        return self.clock

    def call_soon(self, callback, *args, context=None):
        if self.first_step == "wanted":
            self.first_step = callback
            return None
        return super().call_soon(callback, *args, context=context)


class Task(asyncio.tasks._PyTask):
    def uncancel(self):
        left = super().uncancel()
        if left == 0:
            self._must_cancel = False
        return left


def new_task(loop, coro, eager):
    """The first step of an eager one is taken here, in place of the running task."""
    if not eager:
        return Task(coro, loop=loop)
    loop.first_step = "wanted"
    task = Task(coro, loop=loop)
    step, loop.first_step = loop.first_step, None
    outer = asyncio.current_task(loop)
    if outer is not None: asyncio.tasks._leave_task(loop, outer)
    try:
        step()
    finally:
        if outer is not None: asyncio.tasks._enter_task(loop, outer)
    return task


sequence = itertools.count()


class TimerHandle(asyncio.TimerHandle):
    __slots__ = ["sequence"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.sequence = next(sequence)

    def __lt__(self, other):
        return (self._when, self.sequence) < (other._when, other.sequence)


asyncio.events.TimerHandle = TimerHandle


class Timeout:
    """asyncio.Timeout, but a completion that precedes it wins."""

    def __init__(self, delay):
        self.delay = delay

    async def __aenter__(self):
        self.loop = asyncio.get_running_loop()
        self.task = asyncio.current_task()
        self.cancelling = self.task.cancelling()
        self.state = "entered"
        if self.delay is None:
            self.handle = None
        elif self.delay <= 0:
            self.handle = self.loop.call_soon(self.expire)
        else:
            self.handle = self.loop.call_at(self.loop.time() + self.delay, self.expire)
        return self

    def expire(self, late=False):
        waiter = self.task._fut_waiter
        if not late and not self.task._must_cancel and waiter is not None and waiter.done() and not waiter.cancelled():
            self.handle = self.loop.call_soon(self.expire, True)
            return
        self.task.cancel()
        self.state = "expiring"
        self.handle = None

    async def __aexit__(self, kind, value, trace):
        if self.handle is not None:
            self.handle.cancel()
        if self.state == "expiring" and self.task.uncancel() <= self.cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from value


async def wait_for(awaitable, timeout):
    if timeout <= 0:
        future = asyncio.ensure_future(awaitable)
        if future.done():
            return future.result()
        await cancel_and_wait(future)
        try:
            return future.result()
        except asyncio.CancelledError as error:
            raise TimeoutError from error
    async with Timeout(timeout):
        return await awaitable


async def cancel_and_wait(future):
    """Ours awaits the future itself; the count of requests tells who cancelled."""
    future.cancel()
    before = asyncio.current_task().cancelling()
    try:
        await future
    except asyncio.CancelledError:
        if asyncio.current_task().cancelling() > before:
            raise
    except Exception:
        pass


def gather(*awaitables):
    """3.13's."""
    loop = asyncio.get_running_loop()
    finished = 0
    outer = None

    def done(future):
        nonlocal finished
        finished += 1
        if outer is None or outer.done():
            if not future.cancelled():
                future.exception()
            return
        if future.cancelled():
            outer.set_exception(future._make_cancelled_error())
            return
        error = future.exception()
        if error is not None:
            outer.set_exception(error)
            return
        if finished == count:
            if outer._cancel_requested:
                outer.set_exception(future._make_cancelled_error())
            else:
                outer.set_result([])

    seen, children, done_already = {}, [], []
    count = 0
    for awaitable in awaitables:
        if awaitable not in seen:
            count += 1
            seen[awaitable] = awaitable
            if awaitable.done():
                done_already.append(awaitable)
            else:
                awaitable.add_done_callback(done)
        children.append(awaitable)
    outer = asyncio.tasks._GatheringFuture(children, loop=loop)
    for future in done_already:
        done(future)
    return outer


class AsCompleted:
    def __init__(self, tasks, timeout):
        self.done = Queue()
        self.timer = None
        self.todo = dict.fromkeys(tasks)
        self.left = len(self.todo)
        for task in self.todo:
            task.add_done_callback(self.handle_completion)
        if self.todo and timeout is not None:
            self.timer = asyncio.get_running_loop().call_later(timeout, self.handle_timeout)

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        task = await self.done.get()
        if task is None:
            raise TimeoutError
        return task

    def handle_timeout(self):
        for task in self.todo:
            task.remove_done_callback(self.handle_completion)
            self.done.put_nowait(None)
        self.todo.clear()

    def handle_completion(self, task):
        if task not in self.todo: return
        del self.todo[task]
        self.done.put_nowait(task)
        if not self.todo and self.timer is not None:
            self.timer.cancel()


class TaskGroup:
    """3.13's; a task that comes to a group that has failed is cancelled before it starts, where asyncio raises."""

    def __init__(self):
        self.exiting = self.aborting = self.parent_cancel_requested = False
        self.tasks, self.errors, self.completed = {}, [], None

    async def __aenter__(self):
        self.loop = asyncio.get_running_loop()
        self.parent = asyncio.current_task()
        return self

    async def __aexit__(self, kind, error, trace):
        self.exiting = True
        cancellation = error if isinstance(error, asyncio.CancelledError) else None
        if error is not None and not self.aborting:
            self.abort()
        while self.tasks:
            if self.completed is None:
                self.completed = self.loop.create_future()
            try:
                await self.completed
            except asyncio.CancelledError as another:
                if not self.aborting:
                    cancellation = another
                    self.abort()
            self.completed = None
        if self.parent_cancel_requested and self.parent.uncancel() == 0:
            cancellation = None
        if cancellation is not None and not self.errors:
            raise cancellation
        if error is not None and not isinstance(error, asyncio.CancelledError):
            self.errors.append(error)
        if self.errors:
            if self.parent.cancelling():
                self.parent.uncancel()
                self.parent.cancel()
            raise BaseExceptionGroup("errors in a task group", self.errors)
        return False

    def create_task(self, coro):
        task = new_task(self.loop, coro, False) if self.aborting else self.loop.create_task(coro)
        self.tasks[task] = True
        task.add_done_callback(self.on_task_done)
        if self.aborting: task.cancel()
        return task

    def abort(self):
        self.aborting = True
        for task in list(self.tasks):
            if not task.done(): task.cancel()

    def on_task_done(self, task):
        self.tasks.pop(task, None)
        if self.completed is not None and not self.tasks and not self.completed.done():
            self.completed.set_result(True)
        if task.cancelled(): return
        error = task.exception()
        if error is None: return
        self.errors.append(error)
        if not self.aborting and not self.parent_cancel_requested:
            self.abort()
            self.parent_cancel_requested = True
            self.parent.cancel()
