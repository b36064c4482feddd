package compiled

import "github.com/pinion-go/pinion/future"

// Serve sends back what it receives, until nothing more comes.
//
//pinion:async
func Serve(c Conn) error {
	defer c.Close()
	var buf [512]byte
	for {
		n, err := c.Read(buf[:])
		if err != nil {
			return err
		}
		if _, err = c.Write(buf[:n]); err != nil {
			return err
		}
	}
}

// Ask sends n messages, each when the one before it was answered.
//
//pinion:async
func Ask(c Conn, n int) error {
	defer c.Close()
	var buf [512]byte
	for ; n > 0; n-- {
		if _, err := c.Write(buf[:messageLen]); err != nil {
			return err
		}
		if _, err := c.Read(buf[:]); err != nil {
			return err
		}
	}
	return nil
}

// Conn is one end of a connection: it receives what the other end has sent.
type Conn struct{ in, out *future.Chan[Message] }

// Message is what a connection carries at a time.
type Message struct {
	bytes [messageLen]byte
	n     int
}

const messageLen = 64

// Pipe returns the two ends of a connection that holds up to capacity messages each
// way.
func Pipe(capacity int) (a, b Conn) {
	a = Conn{future.NewChan[Message](capacity), future.NewChan[Message](capacity)}
	return a, Conn{a.out, a.in}
}

//pinion:async
func (c Conn) Read(p []byte) (int, error) {
	m, err := c.in.Recv()
	return copy(p, m.bytes[:m.n]), err
}

//pinion:async
func (c Conn) Write(p []byte) (int, error) {
	var m Message
	m.n = copy(m.bytes[:], p)
	if err := c.out.Send(m); err != nil {
		return 0, err
	}
	return m.n, nil
}

// Close ends the sending.
func (c Conn) Close() { c.out.Close() }

// ServeChannels is [Serve] over Go's channels, for a goroutine.
func ServeChannels(in <-chan Message, out chan<- Message) {
	defer close(out)
	var buf [512]byte
	for m := range in {
		m.n = copy(buf[:], m.bytes[:m.n])
		copy(m.bytes[:], buf[:m.n])
		out <- m
	}
}

// AskChannels is [Ask] over Go's channels.
func AskChannels(in <-chan Message, out chan<- Message, n int) {
	defer close(out)
	var buf [512]byte
	for ; n > 0; n-- {
		m := Message{n: messageLen}
		copy(m.bytes[:], buf[:])
		out <- m
		m = <-in
		copy(buf[:], m.bytes[:m.n])
	}
}
