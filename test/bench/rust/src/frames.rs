// Frame sizes: size_of_val of the future of six fixed async fns (no task header, no waker storage).
use std::{future::Future, pin::Pin, task::{Context, Poll}};
struct Op { fd: i32, buf: *mut u8, n: usize, res: Option<isize> }
impl Future for Op {
    type Output = isize;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<isize> {
        match self.res {
            Some(r) => Poll::Ready(r),
            None => { self.res = Some(submit(self.fd, self.buf, self.n)); cx.waker().wake_by_ref(); Poll::Pending }
        }
    }
}
fn op(fd: i32, buf: *mut u8, n: usize) -> Op { Op { fd, buf, n, res: None } }
struct Y(bool);
impl Future for Y {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> { if self.0 { Poll::Ready(()) } else { self.0 = true; Poll::Pending } }
}
#[inline(never)] fn submit(_: i32, _: *mut u8, n: usize) -> isize { n as isize }
#[inline(never)] fn touch(p: &mut [u8]) { p[p.len() - 1] = 1 }
#[inline(never)] fn src() -> u64 { std::hint::black_box(3) }
#[inline(never)] fn sink(x: u64) { std::hint::black_box(x); }
async fn echo(fd: i32) {
    let mut buf = [0u8; 512];
    loop {
        let n = op(fd, buf.as_mut_ptr(), 512).await;
        if n <= 0 { break }
        let mut off = 0;
        while off < n {
            let w = op(fd, unsafe { buf.as_mut_ptr().add(off as usize) }, (n - off) as usize).await;
            if w <= 0 { return }
            off += w;
        }
    }
}
async fn siblings(fd: i32) {
    { let mut a = [0u8; 1024]; touch(&mut a); op(fd, a.as_mut_ptr(), 1024).await; touch(&mut a); }
    { let mut b = [0u8; 1024]; touch(&mut b); op(fd, b.as_mut_ptr(), 1024).await; touch(&mut b); }
}
async fn c5(x: u64) -> u64 { Y(false).await; x + src() }
async fn c4(x: u64) -> u64 { c5(x + 1).await + x }
async fn c3(x: u64) -> u64 { c4(x + 1).await + x }
async fn c2(x: u64) -> u64 { c3(x + 1).await + x }
async fn c1(x: u64) -> u64 { c2(x + 1).await + x }
async fn scalars() -> u64 {
    let (a, b, c, d, e, f, g, h, i, j) = (src(), src(), src(), src(), src(), src(), src(), src(), src(), src());
    sink(a + b + c + d + e + f + g);
    Y(false).await;
    h + (i ^ j)
}
struct State { a: u64, b: u64, c: u64, d: u64, n: u32 }
async fn looped(n: u32) -> u64 {
    let mut s = State { a: src(), b: src(), c: src(), d: src(), n: 0 };
    while s.n < n { s.a += s.b; s.b ^= s.c; s.c += s.d; s.d = super::xs64(s.a); Y(false).await; s.n += 1; }
    s.a + s.b + s.c + s.d
}
struct Guard(*mut u8);
impl Drop for Guard { fn drop(&mut self) { sink(self.0 as u64) } }
async fn cleanup(fd: i32) -> i32 {
    let g = Guard(src() as *mut u8);
    if op(fd, g.0, 64).await < 0 { return -1 }
    if op(fd, g.0, 32).await < 0 { -2 } else { 0 }
}
pub fn show() {
    fn s<F: Future>(n: &str, f: F) { println!("frame {n} {} bytes frames=1", std::mem::size_of_val(&f)) }
    s("echo512", echo(0)); s("siblings2x1K", siblings(0)); s("chain5", c1(1)); s("scalars10live3", scalars());
    s("structloop", looped(3)); s("cleanup", cleanup(0));
    println!("note tokio-Sleep {} bytes; async block awaiting it {} bytes", std::mem::size_of::<tokio::time::Sleep>(),
        std::mem::size_of_val(&async { tokio::time::sleep(std::time::Duration::from_micros(1)).await }));
}
