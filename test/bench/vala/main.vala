// Vala async over GLib's main loop. bench B… [N] [sleep-ms], or: bench echo PORT
[CCode (cname = "alarm", cheader_filename = "unistd.h")]
extern uint posix_alarm (uint s);
const uint64 SEED = 88172645463325252ULL;
MainLoop loop;
uint64 n;
uint64 result;
uint64 left;
uint64 sleep_ms;
uint64 xs64 (uint64 x0) { uint64 x = x0; x ^= x << 13; x ^= x >> 7; x ^= x << 17; return x; }
async uint64 leaf (uint64 x) { return (x ^ (x >> 7)) + 0x9e3779b97f4a7c15ULL; }
async void await_same_file () { uint64 s = 0; for (uint64 i = 0; i < n; i++) s = yield leaf (s + i); result = s; loop.quit (); }
async void await_other_file () { uint64 s = 0; for (uint64 i = 0; i < n; i++) s = yield Other.leaf (s + i); result = s; loop.quit (); }
async void yield_now () { Idle.add (yield_now.callback, Priority.DEFAULT); yield; }
async uint64 chain (int d) {
  if (d + 1 < 64) { uint64 r = yield chain (d + 1); return r + 1; }
  uint64 i;
  for (i = 0; i < n; i++) { Idle.add (chain.callback, Priority.DEFAULT); yield; }
  return i;
}
async void yield_deep () { result = yield chain (0); loop.quit (); }
async void yielder () { uint64 i; for (i = 0; i < n; i++) { Idle.add (yielder.callback, Priority.DEFAULT); yield; } result += i; if (--left == 0) loop.quit (); }
async uint64 kid (uint64 x) { Idle.add (kid.callback, Priority.DEFAULT); yield; return x ^ 1; }
async void spawn_await () { uint64 s = 0; for (uint64 i = 0; i < n; i++) s += yield kid (i); result = s; loop.quit (); }
async uint64 fib (uint64 k) {
  if (k < 2) return k;
  uint64 a = yield fib (k - 1);
  uint64 b = yield fib (k - 2);
  return a + b;
}
async void run_fib () { result = yield fib (n); loop.quit (); }
async void sleeper (uint ms) { Timeout.add (ms, sleeper.callback); yield; result++; if (--left == 0) loop.quit (); }
class Chan {
  uint64 v; bool full; SourceFunc? rd; SourceFunc? wr;
  public async void put (uint64 x) {
    if (full) { wr = put.callback; yield; }
    v = x; full = true;
    if (rd != null) { Idle.add ((owned) rd, Priority.DEFAULT); rd = null; }
  }
  public async uint64 take () {
    if (!full) { rd = take.callback; yield; }
    full = false;
    if (wr != null) { Idle.add ((owned) wr, Priority.DEFAULT); wr = null; }
    return v;
  }
}
Chan c1; Chan c2;
async void ping () { uint64 s = 0; for (uint64 i = 0; i < n; i++) { yield c1.put (i); s += yield c2.take (); } result = s; loop.quit (); }
async void pong () { for (;;) { uint64 v = yield c1.take (); yield c2.put (v + 1); } }
async void hot_nested () {
  uint64 x = SEED, s = 0;
  for (uint64 i = 0; i < n / 1024; i++) {
    for (uint64 j = 0; j < 1024; j++) { x ^= x << 13; x ^= x >> 7; x ^= x << 17; s += x; }
    Idle.add (hot_nested.callback, Priority.DEFAULT); yield;
  }
  result = s; loop.quit ();
}
async void hot_xorshift () {
  uint64 x = SEED, s = 0;
  for (uint64 i = 0; i < n; i++) {
    x ^= x << 13; x ^= x >> 7; x ^= x << 17; s += x;
    if ((i & 1023) == 1023) { Idle.add (hot_xorshift.callback, Priority.DEFAULT); yield; }
  }
  result = s; loop.quit ();
}
async void serve (SocketConnection c) {
  var buf = new uint8[512];
  try {
    for (;;) {
      var k = yield c.input_stream.read_async (buf);
      if (k <= 0) break;
      size_t w;
      yield c.output_stream.write_all_async (buf[0:k], Priority.DEFAULT, null, out w);
    }
  } catch (Error e) {}
}
void report (string b, double v, string unit) {
  string st; string hwm = "0";
  try { FileUtils.get_contents ("/proc/self/status", out st); hwm = st.split ("VmHWM:")[1].strip ().split (" ")[0]; } catch (Error e) {}
  stdout.printf ("%s %.3f %s rss_kb=%s cpu_ms=%.0f check=%llu\n", b, v, unit, hwm, (double) clock () / 1000.0, result);
}
[CCode (cname = "clock", cheader_filename = "time.h")]
extern long clock ();
int main (string[] a) {
  loop = new MainLoop ();
  var b = a[1];
  uint64 d = 2000000;
  switch (b) { case "await_same_file": case "await_other_file": d = 1000000; break; case "fib": d = 25; break; case "sleepers": case "timers": d = 1000000; break;
    case "hot_nested": case "hot_xorshift": d = 300 << 20; break; case "queue": case "spawn_await": d = 500000; break; }
  n = a.length > 2 ? uint64.parse (a[2]) : d;
  sleep_ms = a.length > 3 ? uint64.parse (a[3]) : 3000;
  double ops = (double) n;
  string unit = "ns/await";
  int64 t = get_monotonic_time ();
  long busy = clock (); // other processes do not show in it
  switch (b) {
    case "echo":
      posix_alarm (60);
      var s = new SocketService (); s.set_backlog (1024);
      try { s.add_address (new InetSocketAddress.from_string ("127.0.0.1", (uint) n), SocketType.STREAM, SocketProtocol.TCP, null, null); } catch (Error e) { return 1; }
      s.incoming.connect ((c) => { c.socket.set_data<int> ("x", 1); try { c.socket.set_option (6, 1, 1); } catch (Error e) {} serve.begin (c); return true; });
      s.start (); loop.run (); return 0;
    case "await_same_file": await_same_file.begin (); break;
    case "await_other_file": await_other_file.begin (); break;
    case "yield_deep": yield_deep.begin (); unit = "ns/yield"; break;
    case "yield_two": left = 2; yielder.begin (); yielder.begin (); ops *= 2; unit = "ns/switch"; break;
    case "spawn_await": spawn_await.begin (); unit = "ns/spawn+join"; break;
    case "fib": run_fib.begin (); uint64 x = 0, y = 1; for (uint64 k = 0; k <= n; k++) { uint64 z = x + y; x = y; y = z; } ops = (double) (2 * x - 1); unit = "ns/call"; break;
    case "sleepers": case "timers":
      left = n; uint64 p = SEED;
      for (uint64 i = 0; i < n; i++) { p = xs64 (p); sleeper.begin (b == "sleepers" ? (uint) sleep_ms : (uint) (p % 1000000 / 1000)); }
      unit = b == "sleepers" ? "ms-beyond" : "ms-wall"; break;
    case "queue": c1 = new Chan (); c2 = new Chan (); pong.begin (); ping.begin (); unit = "ns/roundtrip"; break;
    case "hot_nested": hot_nested.begin (); unit = "ns/iter"; break;
    case "hot_xorshift": hot_xorshift.begin (); unit = "ns/iter"; break;
    default: return 2;
  }
  loop.run ();
  double us = (double) (get_monotonic_time () - t);
  if (b == "sleepers") report (b, us / 1000.0 - (double) sleep_ms, unit);
  else if (b == "timers") report (b, us / 1000.0, unit);
  else report (b, (double) (clock () - busy) * 1000.0 / ops, unit);
  return 0;
}
