// HTTP servers. `http PORT`: the same few words to each request, over net.Conn, as the other peers do it;
// `http PORT FOLDER`: net/http's file server.
package main

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"
)

var reply = []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!")
var end = []byte("\r\n\r\n")

func serve(c net.Conn) {
	defer c.Close()
	buf, length := make([]byte, 4096), 0
	for {
		n, err := c.Read(buf[length:])
		if err != nil {
			return
		}
		length += n
		at := 0
		for {
			i := bytes.Index(buf[at:length], end)
			if i < 0 {
				break
			}
			if _, err := c.Write(reply); err != nil {
				return
			}
			at += i + 4
		}
		copy(buf, buf[at:length])
		length -= at
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	time.AfterFunc(60*time.Second, func() { os.Exit(0) })
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		panic(err)
	}
	if len(os.Args) > 2 {
		panic(http.Serve(l, http.FileServer(http.Dir(os.Args[2]))))
	}
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		go serve(c)
	}
}
