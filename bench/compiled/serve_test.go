package compiled

import (
	"context"
	"fmt"
	"testing"

	"github.com/pinion-go/pinion/future"
)

// places are where functions run: in a goroutine each, or as futures on the loops of
// a Runtime, or on a Loop that whoever waits runs.
func places(t *testing.T) map[string]future.Spawner {
	l, err := future.NewLoop(future.Config{})
	if err != nil {
		t.Fatal(err)
	}
	rt, err := future.NewRuntime(future.Config{Loops: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := rt.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return map[string]future.Spawner{"goroutine": nil, "loop": l, "loop 0": rt.Loop(0), "loop 1": rt.Loop(1), "runtime": rt}
}

// call begins a call in its blocking form, or as a future if there is a place for
// it, and returns what waits for its result and what cancels it.
func call[F any, P interface {
	future.Ptr[F]
	Result() error
}](at future.Spawner, f F, blocks func() error) (result func() error, cancel func()) {
	if at == nil {
		c := make(chan error, 1)
		go func() { c <- blocks() }()
		return func() error { return <-c }, nil
	}
	task := future.Spawn[F, P](at, f)
	return func() error {
		defer task.Release()
		f, err := task.Wait()
		if err != nil {
			return err
		}
		return P(f).Result()
	}, task.Cancel
}

func serve(at future.Spawner, c Conn) (result func() error, cancel func()) {
	return call(at, ServeAsync(c), func() error { return Serve(c) })
}

func TestEveryMessageIsAnsweredWhereverTheTwoRun(t *testing.T) {
	const messages = 500
	for a := range places(t) {
		for b := range places(t) {
			for capacity := range 3 {
				t.Run(fmt.Sprintf("%s asks %s/capacity=%d", a, b, capacity), func(t *testing.T) {
					at := places(t)
					client, server := Pipe(capacity)
					served, _ := serve(at[b], server)
					asked, _ := call(at[a], AskAsync(client, messages), func() error { return Ask(client, messages) })
					if (a == "loop") != (b == "loop") {
						defer stepping(at["loop"].(*future.Loop))()
					}
					if err := asked(); err != nil {
						t.Errorf("Ask returned %v", err)
					}
					if err := served(); err != future.ErrClosed {
						t.Errorf("Serve returned %v, want ErrClosed", err)
					}
				})
			}
		}
	}
}

// stepping has l stepped whenever there is something to do, until the returned
// function is called: nobody waits for its task yet.
func stepping(l *future.Loop) (stop func()) {
	wake, end, ended := make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	l.OnWake(func() {
		select {
		case wake <- struct{}{}:
		default:
		}
	})
	go func() {
		defer close(ended)
		for {
			l.RunUntilIdle()
			select {
			case <-wake:
			case <-end:
				return
			}
		}
	}()
	return func() { close(end); <-ended }
}

// TestALoopTakesFewTurnsForAMessage counts turns, of at most 61 polls each.
func TestALoopTakesFewTurnsForAMessage(t *testing.T) {
	const messages = 10_000
	l := places(t)["loop"].(*future.Loop)
	client, server := Pipe(1)
	served, _ := serve(l, server)
	asked, _ := call(l, AskAsync(client, messages), nil)
	turns := 0
	for more := true; more; turns++ {
		var err error
		if more, err = l.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if polls := 61 * turns; polls > 3*messages {
		t.Errorf("%d messages took %d turns, up to %d polls; want 2 polls each", messages, turns, polls)
	}
	if err := asked(); err != nil {
		t.Error(err)
	}
	if err := served(); err != future.ErrClosed {
		t.Error(err)
	}
}

// TestTheEndReachesEveryHandler: on one channel their end once took minutes, if they
// were 100,000, since each that left told all others again.
func TestTheEndReachesEveryHandler(t *testing.T) {
	ends := map[string]func(at map[string]future.Spawner, asking []Conn, cancels []func()){
		"Close": func(_ map[string]future.Spawner, asking []Conn, _ []func()) {
			closeAll(asking)
		},
		"Close by a task of another loop": func(at map[string]future.Spawner, asking []Conn, _ []func()) {
			future.Go(at["loop 1"], closer{asking})
		},
		"Close by a task of the loop": func(at map[string]future.Spawner, asking []Conn, _ []func()) {
			future.Go(at["loop"], closer{asking})
			future.Go(at["loop 0"], closer{asking})
		},
		"Cancel": func(_ map[string]future.Spawner, asking []Conn, cancels []func()) {
			for i, cancel := range cancels {
				if cancel != nil {
					cancel()
				} else {
					asking[i].Close()
				}
			}
		},
		"Close and Cancel": func(_ map[string]future.Spawner, asking []Conn, cancels []func()) {
			closeAll(asking)
			for _, cancel := range cancels {
				if cancel != nil {
					cancel()
				}
			}
		},
	}
	for end, do := range ends {
		for _, shared := range []bool{true, false} {
			for place := range places(t) {
				t.Run(fmt.Sprintf("%s/%s/shared=%t", end, place, shared), func(t *testing.T) {
					at := places(t)
					handlers := 20_000
					if testing.Short() {
						handlers = 2_000
					}
					results, cancels, asking := make([]func() error, handlers), make([]func(), handlers), make([]Conn, handlers)
					for i := range handlers {
						var server Conn
						if asking[i], server = Pipe(1); shared && i > 0 {
							asking[i], server = asking[0], Conn{asking[0].out, asking[0].in}
						}
						results[i], cancels[i] = serve(at[place], server)
					}
					if l, ok := at[place].(*future.Loop); ok {
						l.RunUntilIdle() // on the Runtime's loops it answers ErrBusy
					}
					do(at, asking, cancels)
					for i, result := range results {
						if err := result(); err != future.ErrClosed && err != future.ErrCanceled {
							t.Fatalf("handler %d returned %v, want ErrClosed or ErrCanceled", i, err)
						}
					}
				})
			}
		}
	}
}

func closeAll(asking []Conn) {
	for _, c := range asking {
		c.Close()
	}
}

// closer is a task that closes.
type closer struct{ asking []Conn }

func (c closer) Poll(*future.Context) future.Poll {
	closeAll(c.asking)
	return future.Ready
}
