package streams

import (
	"context"
	"io"
)

// pump reads a source that can be read once only, on a goroutine of its own,
// which may block. The plain reading of the source drives it: whatever that
// reads goes through the pump to the feeder as well.
type pump struct {
	ctx   context.Context
	out   chan []byte // at most blockSize bytes at a time; closed at the end
	tally Tally       // of the plain reading; valid once out is closed
	err   error       // that ended it
}

// startPump starts reading. If ctx ends while a read blocks, the goroutine stays
// until that read returns; nothing can interrupt it.
func startPump(ctx context.Context, src *Source) *pump {
	p := &pump{ctx: ctx, out: make(chan []byte)}
	go func() {
		defer close(p.out)
		f, err := src.open()
		if err != nil {
			p.err = err
			return
		}
		defer f.Close()
		p.tally, p.err = readPlain(newPlainBuffer(), io.TeeReader(f, p))
	}()
	return p
}

// Write hands a copy of b to the feeder.
func (p *pump) Write(b []byte) (int, error) {
	for n := 0; n < len(b); {
		piece := append([]byte(nil), b[n:min(len(b), n+blockSize)]...)
		select {
		case p.out <- piece:
			n += len(piece)
		case <-p.ctx.Done():
			return n, context.Cause(p.ctx)
		}
	}
	return len(b), nil
}

// read fills buf, which holds a block, with the next piece.
func (p *pump) read(buf []byte) (int, error) {
	select {
	case piece, ok := <-p.out:
		if ok {
			return copy(buf, piece), nil
		}
		if p.err != nil {
			return 0, p.err
		}
		return 0, io.EOF
	case <-p.ctx.Done():
		return 0, context.Cause(p.ctx)
	}
}
