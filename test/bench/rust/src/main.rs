// Rust peers. `bench BENCHMARK` = tokio current_thread; `bench mini B…` = a 60-line executor (below),
// which separates what the language costs from what tokio costs.
#![recursion_limit = "512"]
use std::{cell::{Cell, RefCell}, collections::VecDeque, future::Future, hint::black_box, pin::Pin,
          rc::Rc, task::{Context, Poll, RawWaker, RawWakerVTable, Waker}, time::{Duration, Instant}};
mod frames;
const SEED: u64 = 88172645463325252;
#[inline(always)]
fn xs64(mut x: u64) -> u64 { x ^= x << 13; x ^= x >> 7; x ^= x << 17; x }
#[inline(always)]
fn mix(x: u64) -> u64 { (x ^ (x >> 7)).wrapping_add(0x9e3779b97f4a7c15) }
fn hwm() -> u64 {
    std::fs::read_to_string("/proc/self/status").unwrap().lines()
        .find(|l| l.starts_with("VmHWM")).unwrap().split_whitespace().nth(1).unwrap().parse().unwrap()
}
fn cpu_ms() -> f64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut t) };
    t.tv_sec as f64 * 1e3 + t.tv_nsec as f64 / 1e6
}
fn report(b: &str, v: f64, unit: &str, check: u64) {
    println!("{b} {v:.3} {unit} rss_kb={} cpu_ms={:.0} check={check}", hwm(), cpu_ms());
}
// ---------------- mini executor: Rc tasks, waker = raw Rc pointer, FIFO queue
struct Task { fut: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>>, queued: Cell<bool> }
thread_local!(static Q: RefCell<VecDeque<Rc<Task>>> = RefCell::new(VecDeque::new()));
fn push(t: Rc<Task>) { if !t.queued.replace(true) { Q.with(|q| q.borrow_mut().push_back(t)) } }
static VT: RawWakerVTable = RawWakerVTable::new(
    |p| { unsafe { Rc::increment_strong_count(p as *const Task) }; RawWaker::new(p, &VT) },
    |p| push(unsafe { Rc::from_raw(p as *const Task) }),
    |p| { unsafe { Rc::increment_strong_count(p as *const Task) }; push(unsafe { Rc::from_raw(p as *const Task) }) },
    |p| drop(unsafe { Rc::from_raw(p as *const Task) }));
fn mini_spawn(f: impl Future<Output = ()> + 'static) {
    push(Rc::new(Task { fut: RefCell::new(Some(Box::pin(f))), queued: Cell::new(false) }));
}
fn mini_run() {
    while let Some(t) = Q.with(|q| q.borrow_mut().pop_front()) {
        t.queued.set(false);
        let w = unsafe { Waker::from_raw(RawWaker::new(Rc::into_raw(t.clone()) as *const (), &VT)) };
        let mut slot = t.fut.borrow_mut();
        if let Some(f) = slot.as_mut() {
            if f.as_mut().poll(&mut Context::from_waker(&w)).is_ready() { *slot = None; }
        }
    }
}
struct Yield(bool);
impl Future for Yield {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 { return Poll::Ready(()); }
        self.0 = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
struct Join<T> { v: Cell<Option<T>>, w: RefCell<Option<Waker>> }
struct JoinF<T>(Rc<Join<T>>);
impl<T> Future for JoinF<T> {
    type Output = T;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        match self.0.v.take() {
            Some(v) => Poll::Ready(v),
            None => { *self.0.w.borrow_mut() = Some(cx.waker().clone()); Poll::Pending }
        }
    }
}
fn mini_spawn_join<T: 'static>(f: impl Future<Output = T> + 'static) -> JoinF<T> {
    let j = Rc::new(Join { v: Cell::new(None), w: RefCell::new(None) });
    let k = j.clone();
    mini_spawn(async move { let v = f.await; k.v.set(Some(v)); if let Some(w) = k.w.borrow_mut().take() { w.wake() } });
    JoinF(j)
}
#[derive(Default)]
struct Chan { v: Cell<Option<u64>>, rd: RefCell<Option<Waker>>, wr: RefCell<Option<Waker>> }
impl Chan {
    async fn put(&self, v: u64) {
        std::future::poll_fn(|cx| {
            if let Some(x) = self.v.take() { self.v.set(Some(x)); *self.wr.borrow_mut() = Some(cx.waker().clone()); return Poll::Pending; }
            self.v.set(Some(v));
            if let Some(w) = self.rd.borrow_mut().take() { w.wake() }
            Poll::Ready(())
        }).await
    }
    async fn get(&self) -> u64 {
        std::future::poll_fn(|cx| match self.v.take() {
            Some(v) => { if let Some(w) = self.wr.borrow_mut().take() { w.wake() } Poll::Ready(v) }
            None => { *self.rd.borrow_mut() = Some(cx.waker().clone()); Poll::Pending }
        }).await
    }
}
// ---------------- the workloads
async fn leaf(x: u64) -> u64 { mix(x) }
async fn await_same_file(n: u64) -> u64 { let mut s = 0u64; for i in 0..n { s = leaf(s.wrapping_add(i)).await; } s }
async fn await_other_file(n: u64) -> u64 { let mut s = 0u64; for i in 0..n { s = other::leaf_other(s.wrapping_add(i)).await; } s }
fn chain_box(d: u32, n: u64, tk: bool) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    Box::pin(async move {
        if d + 1 < 64 { return chain_box(d + 1, n, tk).await + 1; }
        let mut i = 0;
        while i < n { if tk { tokio::task::yield_now().await } else { Yield(false).await } i += 1; }
        i
    })
}
async fn st_leaf(n: u64, tk: bool) -> u64 {
    let mut i = 0;
    while i < n { if tk { tokio::task::yield_now().await } else { Yield(false).await } i += 1; }
    i
}
// 64 distinct async fns, each embedding the next: the statically nested form.
macro_rules! nest { ($inner:ident;) => { async fn chain_static(n: u64, tk: bool) -> u64 { $inner(n, tk).await } };
    ($inner:ident; $name:ident $($rest:ident)*) => { async fn $name(n: u64, tk: bool) -> u64 { $inner(n, tk).await + 1 } nest!($name; $($rest)*); } }
nest!(st_leaf; a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 a15 a16 a17 a18 a19 a20 a21 a22 a23 a24 a25 a26 a27 a28 a29 a30 a31 a32
    a33 a34 a35 a36 a37 a38 a39 a40 a41 a42 a43 a44 a45 a46 a47 a48 a49 a50 a51 a52 a53 a54 a55 a56 a57 a58 a59 a60 a61 a62 a63);
async fn yielder(n: u64, tk: bool) -> u64 {
    let mut i = 0;
    while i < n { if tk { tokio::task::yield_now().await } else { Yield(false).await } i += 1; }
    i
}
fn fib(n: u32) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    Box::pin(async move { if n < 2 { n as u64 } else { let a = fib(n - 1).await; a + fib(n - 2).await } })
}
async fn hot_nested(n: u64, tk: bool) -> u64 {
    let (mut x, mut s) = (SEED, 0u64);
    for _ in 0..n / 1024 {
        for _ in 0..1024 { x = xs64(x); s = s.wrapping_add(x); }
        if tk { tokio::task::yield_now().await } else { Yield(false).await }
    }
    s
}
async fn hot_xorshift(n: u64, tk: bool) -> u64 {
    let (mut x, mut s) = (SEED, 0u64);
    for i in 0..n {
        x = xs64(x); s = s.wrapping_add(x);
        if i & 1023 == 1023 { if tk { tokio::task::yield_now().await } else { Yield(false).await } }
    }
    s
}
async fn hot_flat(n: u64, tk: bool) -> u64 {
    let (mut x, mut s) = (SEED, 0u64);
    for i in 0..n {
        x = x.wrapping_add(0x9e3779b97f4a7c15); s ^= x;
        if i & 1023 == 1023 { if tk { tokio::task::yield_now().await } else { Yield(false).await } }
    }
    s
}
fn main() {
    let mut a: Vec<String> = std::env::args().skip(1).collect();
    let tk = a[0] != "mini";
    if !tk { a.remove(0); }
    let b = a[0].clone();
    let dflt = match b.as_str() { "spawn_await" | "queue" => 5_000_000, "yield_deep" => 2_000_000, "fib" => 30, "sleepers" | "timers" => 1_000_000, "hot_nested" | "hot_xorshift" | "hot_flat" | "plain_hot_nested" => 300 << 20, "yield_two" => 10_000_000, _ => 20_000_000 };
    let n: u64 = a.get(1).map(|s| s.parse().unwrap()).unwrap_or(dflt);
    let sleep_ms: u64 = a.get(2).map(|s| s.parse().unwrap()).unwrap_or(3000);
    let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let out = Rc::new(Cell::new(0u64));
    // one root future: block_on under tokio, a spawned task on the mini executor
    let drive = |f: Pin<Box<dyn Future<Output = u64>>>| -> u64 {
        if tk { rt.block_on(f) }
        else { let o = out.clone(); mini_spawn(async move { let v = f.await; o.set(v) }); mini_run(); out.get() }
    };
    // tokio::spawn form, without a LocalSet
    let plain = |f: Pin<Box<dyn Future<Output = u64> + Send>>| -> u64 { rt.block_on(async { tokio::spawn(f).await.unwrap() }) };
    if b == "frames" { return frames::show(); }
    if b == "echo" {
        // bench echo PORT
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        unsafe { libc::alarm(60) };
        let e: std::io::Result<()> = rt.block_on(async {
            let l = tokio::net::TcpListener::bind(("127.0.0.1", n as u16)).await?;
            loop {
                let (mut s, _) = l.accept().await?;
                s.set_nodelay(true)?;
                tokio::spawn(async move {
                    let mut buf = [0u8; 512];
                    loop {
                        match s.read(&mut buf).await { Ok(0) | Err(_) => return, Ok(n) => if s.write_all(&buf[..n]).await.is_err() { return } }
                    }
                });
            }
        });
        return e.unwrap();
    }
    if b == "http" {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        const REPLY: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!";
        unsafe { libc::alarm(60) };
        let e: std::io::Result<()> = rt.block_on(async {
            let l = tokio::net::TcpListener::bind(("127.0.0.1", n as u16)).await?;
            loop {
                let (mut s, _) = l.accept().await?;
                s.set_nodelay(true)?;
                tokio::spawn(async move {
                    let (mut buf, mut len) = ([0u8; 4096], 0);
                    loop {
                        match s.read(&mut buf[len..]).await { Ok(0) | Err(_) => return, Ok(n) => len += n }
                        let mut at = 0;
                        while let Some(end) = buf[at..len].windows(4).position(|w| w == b"\r\n\r\n") {
                            if s.write_all(REPLY).await.is_err() { return }
                            at += end + 4;
                        }
                        buf.copy_within(at..len, 0);
                        len -= at;
                    }
                });
            }
        });
        return e.unwrap();
    }
    let t = Instant::now();
    // the clock of benchmarks that never wait: other processes do not show in it
    let busy = cpu_ms();
    let ns = |_: Instant, k: f64| (cpu_ms() - busy) * 1e6 / k;
    let nf = n as f64;
    match b.as_str() {
        "await_same_file" => { let r = drive(Box::pin(await_same_file(black_box(n)))); report(&b, ns(t, nf), "ns/await", r) }
        "await_other_file" => { let r = drive(Box::pin(await_other_file(black_box(n)))); report(&b, ns(t, nf), "ns/await", r) }
        "yield_deep" => { let r = if tk { plain(chain_box(0, n, tk)) } else { drive(chain_box(0, n, tk)) }; report(&b, ns(t, nf), "ns/yield", r) }
        "yield_static" => { let r = if tk { plain(Box::pin(chain_static(n, tk))) } else { drive(Box::pin(chain_static(n, tk))) }; report(&b, ns(t, nf), "ns/yield", r) }
        "yield_two" => {
            let r = if tk { rt.block_on(async { let x = tokio::spawn(yielder(n, true)); let y = tokio::spawn(yielder(n, true)); x.await.unwrap() + y.await.unwrap() }) }
            else { let (o, p) = (out.clone(), out.clone()); mini_spawn(async move { let v = yielder(n, false).await; o.set(o.get() + v) });
                   mini_spawn(async move { let v = yielder(n, false).await; p.set(p.get() + v) }); mini_run(); out.get() };
            report(&b, ns(t, 2.0 * nf), "ns/switch", r)
        }
        // tokio yielders that wake themselves directly rather than through yield_now's deferral
        "yield_wake" => { let r = rt.block_on(async { let x = tokio::spawn(yielder(n, false)); let y = tokio::spawn(yielder(n, false)); x.await.unwrap() + y.await.unwrap() });
            report(&b, ns(t, 2.0 * nf), "ns/switch", r) }
        "spawn_await" => {
            let r = if tk { plain(Box::pin(async move { let mut s = 0; for i in 0..n { s += tokio::spawn(async move { i ^ 1 }).await.unwrap(); } s })) }
            else { drive(Box::pin(async move { let mut s = 0; for i in 0..n { s += mini_spawn_join(async move { i ^ 1 }).await; } s })) };
            report(&b, ns(t, nf), "ns/spawn+join", r)
        }
        "fib" => {
            let (mut x, mut y) = (0u64, 1u64);
            for _ in 0..=n { let z = x + y; x = y; y = z; }
            let r = drive(Box::pin(async move { let mut r = 0; for _ in 0..5 { r = fib(n as u32).await; } r }));
            report(&b, ns(t, 5.0 * (2 * x - 1) as f64), "ns/call", r)
        }
        "sleepers" | "timers" => {
            use std::sync::{atomic::{AtomicU64, Ordering::Relaxed}, Arc};
            let left = Arc::new(AtomicU64::new(n));
            let done = Arc::new(tokio::sync::Notify::new());
            let six = b == "sleepers";
            rt.block_on(async {
                let mut x = SEED;
                for _ in 0..n {
                    x = xs64(x);
                    let d = if six { sleep_ms * 1000 } else { x % 1_000_000 };
                    let (l, w) = (left.clone(), done.clone());
                    tokio::spawn(async move { tokio::time::sleep(Duration::from_micros(d)).await; if l.fetch_sub(1, Relaxed) == 1 { w.notify_one() } });
                }
                done.notified().await;
            });
            let ms = t.elapsed().as_nanos() as f64 / 1e6;
            report(&b, if six { ms - sleep_ms as f64 } else { ms }, if six { "ms-beyond" } else { "ms-wall" }, n - left.load(Relaxed))
        }
        "queue" => {
            let r = if tk {
                rt.block_on(async {
                    let (t1, mut r1) = tokio::sync::mpsc::channel::<u64>(1);
                    let (t2, mut r2) = tokio::sync::mpsc::channel::<u64>(1);
                    tokio::spawn(async move { while let Some(v) = r1.recv().await { if t2.send(v + 1).await.is_err() { break } } });
                    tokio::spawn(async move { let mut s = 0; for i in 0..n { t1.send(i).await.unwrap(); s += r2.recv().await.unwrap(); } s }).await.unwrap()
                })
            } else {
                let (c1, c2) = (Rc::new(Chan::default()), Rc::new(Chan::default()));
                let (d1, d2, o) = (c1.clone(), c2.clone(), out.clone());
                mini_spawn(async move { let mut s = 0; for i in 0..n { c1.put(i).await; s += c2.get().await; } o.set(s) });
                mini_spawn(async move { loop { let v = d1.get().await; d2.put(v + 1).await } });
                mini_run(); out.get()
            };
            report(&b, ns(t, nf), "ns/roundtrip", r)
        }
        "hot_nested" => { let r = if tk { plain(Box::pin(hot_nested(n, tk))) } else { drive(Box::pin(hot_nested(n, tk))) }; report(&b, ns(t, nf), "ns/iter", r) }
        "hot_xorshift" => { let r = if tk { plain(Box::pin(hot_xorshift(n, tk))) } else { drive(Box::pin(hot_xorshift(n, tk))) }; report(&b, ns(t, nf), "ns/iter", r) }
        "hot_flat" => { let r = if tk { plain(Box::pin(hot_flat(n, tk))) } else { drive(Box::pin(hot_flat(n, tk))) }; report(&b, ns(t, nf), "ns/iter", r) }
        "plain_hot_nested" => { let (mut x, mut s) = (SEED, 0u64); for i in 0..n { x = xs64(x); s = s.wrapping_add(x); if i & 1023 == 1023 { black_box(()); } } report(&b, ns(t, nf), "ns/iter", s) }
        _ => std::process::exit(2),
    }
}
