// Minimal C++20 coroutine runtime: lazy task<T> with symmetric transfer, intrusive ready queue,
// timer heap, capacity-1 channel, epoll readiness. No exception storage (the cheapest fair form).
// -DPOOL: frames from a size-class free list instead of operator new.
#pragma once
#include "../common/bench.h"
#include "../common/heap.h"
#include <coroutine>
#include <exception>
#include <new>
#include <utility>
using hdl = std::coroutine_handle<>;
struct node {
	node *next;
	hdl h;
};
struct loop_t {
	node *head = nullptr, *last = nullptr;
	theap timers{};
	bool stop = false;
	void ready(node *n)
	{
		n->next = nullptr;
		if (last)
			last->next = n;
		else
			head = n;
		last = n;
	}
	void run()
	{
		while (!stop) {
			node *b = head;
			head = last = nullptr;
			while (b) {
				node *n = b->next;
				b->h.resume();
				b = n;
			}
			if (timers.n) {
				uint64_t now = now_ns();
				while (timers.n && timers.v[0].at <= now)
					ready((node *)heap_pop(&timers));
				if (!head && timers.n) {
					uint64_t at = timers.v[0].at;
					struct timespec t = {(time_t)(at / 1000000000u), (long)(at % 1000000000u)};
					clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr);
				}
			} else if (!head)
				return;
		}
	}
};
inline loop_t L;
inline size_t frame_bytes, frame_max, frame_count; // filled only with -DCOUNT_FRAMES (frames.cpp)
#ifdef POOL
inline void *pool_fl[64];
#endif
struct promise_mem {
#if defined(COUNT_FRAMES)
	static void *operator new(size_t n)
	{
		frame_bytes += n;
		frame_count++;
		if (n > frame_max)
			frame_max = n;
		return ::operator new(n);
	}
	static void operator delete(void *p, size_t)
	{
		::operator delete(p);
	}
#elif defined(POOL)
	static void *operator new(size_t n)
	{
		size_t c = (n + 15) / 16;
		if (c < 64 && pool_fl[c]) {
			void *p = pool_fl[c];
			pool_fl[c] = *(void **)p;
			return p;
		}
		return ::operator new(c * 16);
	}
	static void operator delete(void *p, size_t n)
	{
		size_t c = (n + 15) / 16;
		if (c < 64) {
			*(void **)p = pool_fl[c];
			pool_fl[c] = p;
		} else
			::operator delete(p);
	}
#endif
};
template <class T> struct slot {
	T v;
	void return_value(T x) noexcept
	{
		v = x;
	}
	T take()
	{
		return v;
	}
};
template <> struct slot<void> {
	void return_void() noexcept
	{
	}
	void take()
	{
	}
};
template <class T> struct [[nodiscard]] task {
	struct promise_type : promise_mem, slot<T> {
		hdl cont;
		task get_return_object() noexcept
		{
			return task{std::coroutine_handle<promise_type>::from_promise(*this)};
		}
		std::suspend_always initial_suspend() noexcept
		{
			return {};
		}
		struct fin {
			bool await_ready() noexcept
			{
				return false;
			}
			hdl await_suspend(std::coroutine_handle<promise_type> h) noexcept
			{
				return h.promise().cont;
			}
			void await_resume() noexcept
			{
			}
		};
		fin final_suspend() noexcept
		{
			return {};
		}
		void unhandled_exception() noexcept
		{
			std::terminate();
		}
	};
	std::coroutine_handle<promise_type> h;
	explicit task(std::coroutine_handle<promise_type> h) noexcept : h(h)
	{
	}
	task(task &&o) noexcept : h(std::exchange(o.h, nullptr))
	{
	}
	~task()
	{
		if (h)
			h.destroy();
	}
	bool await_ready() noexcept
	{
		return false;
	}
	hdl await_suspend(hdl c) noexcept
	{
		h.promise().cont = c;
		return h;
	}
	T await_resume()
	{
		return h.promise().take();
	}
};
// A spawned task: starts from the ready queue; its completion puts the joiner on the ready queue.
template <class T> struct [[nodiscard]] spawned {
	struct promise_type : promise_mem, slot<T> {
		node n{}, *joiner = nullptr;
		bool done = false, detached = false;
		spawned get_return_object() noexcept
		{
			return {std::coroutine_handle<promise_type>::from_promise(*this)};
		}
		std::suspend_always initial_suspend() noexcept
		{
			n.h = std::coroutine_handle<promise_type>::from_promise(*this);
			L.ready(&n);
			return {};
		}
		struct fin {
			bool await_ready() noexcept
			{
				return false;
			}
			void await_suspend(std::coroutine_handle<promise_type> h) noexcept
			{
				auto &p = h.promise();
				p.done = true;
				if (p.joiner)
					L.ready(p.joiner);
				if (p.detached)
					h.destroy();
			}
			void await_resume() noexcept
			{
			}
		};
		fin final_suspend() noexcept
		{
			return {};
		}
		void unhandled_exception() noexcept
		{
			std::terminate();
		}
	};
	std::coroutine_handle<promise_type> h;
	spawned(std::coroutine_handle<promise_type> h) : h(h)
	{
	}
	spawned(spawned &&o) noexcept : h(std::exchange(o.h, nullptr))
	{
	}
	~spawned()
	{
		if (h) {
			if (h.promise().done)
				h.destroy();
			else
				h.promise().detached = true;
		}
	}
	void detach()
	{
		h.promise().detached = true;
		h = nullptr;
	}
	struct joined {
		std::coroutine_handle<promise_type> h;
		node n{};
		bool await_ready() noexcept
		{
			return h.promise().done;
		}
		void await_suspend(hdl c) noexcept
		{
			n.h = c;
			h.promise().joiner = &n;
		}
		T await_resume()
		{
			return h.promise().take();
		}
	};
	joined join()
	{
		return {h};
	}
};
struct yield_now {
	node n{};
	bool await_ready() noexcept
	{
		return false;
	}
	void await_suspend(hdl h) noexcept
	{
		n.h = h;
		L.ready(&n);
	}
	void await_resume() noexcept
	{
	}
};
struct sleep_ns {
	uint64_t d;
	node n{};
	bool await_ready() noexcept
	{
		return false;
	}
	void await_suspend(hdl h) noexcept
	{
		n.h = h;
		heap_push(&L.timers, now_ns() + d, &n);
	}
	void await_resume() noexcept
	{
	}
};
struct chan { // capacity 1
	uint64_t v = 0;
	bool full = false;
	node *rd = nullptr, *wr = nullptr;
	struct put_a {
		chan &c;
		uint64_t v;
		node n{};
		bool await_ready() noexcept
		{
			if (c.full)
				return false;
			c.set(v);
			v = 0;
			return true;
		}
		void await_suspend(hdl h) noexcept
		{
			n.h = h;
			c.wr = &n;
			pend = true;
		}
		void await_resume() noexcept
		{
			if (pend)
				c.set(v);
		}
		bool pend = false;
	};
	struct get_a {
		chan &c;
		node n{};
		bool await_ready() noexcept
		{
			return c.full;
		}
		void await_suspend(hdl h) noexcept
		{
			n.h = h;
			c.rd = &n;
		}
		uint64_t await_resume() noexcept
		{
			c.full = false;
			if (c.wr) {
				L.ready(c.wr);
				c.wr = nullptr;
			}
			return c.v;
		}
	};
	void set(uint64_t x)
	{
		v = x;
		full = true;
		if (rd) {
			L.ready(rd);
			rd = nullptr;
		}
	}
	put_a put(uint64_t v)
	{
		return {*this, v};
	}
	get_a get()
	{
		return {*this};
	}
};
