package future

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestChanAgainstModel performs random operations on one loop; the model is three
// lists: of values, of senders and of receivers.
func TestChanAgainstModel(t *testing.T) {
	for _, capacity := range []int{0, 1, 4} {
		t.Run(fmt.Sprint("cap ", capacity), func(t *testing.T) {
			l := newTestLoop(t)
			rng := rand.New(rand.NewPCG(5, uint64(capacity)))
			c := NewChan[int](capacity)
			type send struct {
				v    int
				task Task[ChanSendFuture[int]]
			}
			var values []int // in the channel
			var senders []send
			var receivers []Task[ChanRecvFuture[int]]
			serial := 0
			wantSent := func(s send, want error) {
				t.Helper()
				wantDone(t, l, s.task, true)
				err := at(l, s.task).Result()
				var e *SendError[int]
				if !errors.Is(err, want) || errors.As(err, &e) && e.Value != s.v {
					t.Fatalf("Send = %v, want %v with %d", err, want, s.v)
				}
				s.task.Release()
			}
			wantReceived := func(r Task[ChanRecvFuture[int]], v int, want error) {
				t.Helper()
				wantDone(t, l, r, true)
				if got, err := at(l, r).Result(); err != want || got != v {
					t.Fatalf("Recv = %d, %v; want %d, %v", got, err, v, want)
				}
				r.Release()
			}
			// next takes the oldest value out of the model.
			next := func() (v int, ok bool) {
				if len(values) == 0 && len(senders) == 0 {
					return 0, false
				}
				if len(senders) > 0 {
					s := senders[0]
					senders = senders[1:]
					values = append(values, s.v)
					defer wantSent(s, nil)
				}
				v, values = values[0], values[1:]
				return v, true
			}
			for range 5000 {
				switch rng.IntN(9) {
				case 0, 1, 2:
					serial++
					s := send{serial, Spawn(l, c.SendAsync(serial))}
					run(t, l)
					switch {
					case len(receivers) > 0:
						wantSent(s, nil)
						wantReceived(receivers[0], s.v, nil)
						receivers = receivers[1:]
					case len(values) < capacity:
						wantSent(s, nil)
						values = append(values, s.v)
					default:
						senders = append(senders, s)
					}
				case 3, 4, 5:
					r := Spawn(l, c.RecvAsync())
					run(t, l)
					if v, ok := next(); ok {
						wantReceived(r, v, nil)
					} else {
						receivers = append(receivers, r)
					}
				case 6:
					serial++
					err := c.TrySend(serial)
					run(t, l)
					switch {
					case capacity == 0 || len(values) == capacity:
						if err != ErrWouldBlock {
							t.Fatalf("TrySend = %v", err)
						}
					case err != nil:
						t.Fatalf("TrySend = %v", err)
					case len(receivers) > 0:
						wantReceived(receivers[0], serial, nil)
						receivers = receivers[1:]
					default:
						values = append(values, serial)
					}
				case 7:
					got, err := c.TryRecv()
					run(t, l)
					if v, ok := next(); ok != (err == nil) || got != v {
						t.Fatalf("TryRecv = %d, %v; want %d, %v", got, err, v, ok)
					}
				case 8:
					switch n := rng.IntN(2); {
					case n == 0 && len(senders) > 0:
						i := rng.IntN(len(senders))
						senders[i].task.Cancel()
						run(t, l)
						wantSent(senders[i], ErrCanceled)
						senders = slices.Delete(senders, i, i+1)
					case n == 1 && len(receivers) > 0:
						i := rng.IntN(len(receivers))
						receivers[i].Cancel()
						run(t, l)
						wantReceived(receivers[i], 0, ErrCanceled)
						receivers = slices.Delete(receivers, i, i+1)
					}
				}
				if c.Len() != len(values) || c.senders.n != len(senders) {
					t.Fatalf("%d values and %d senders, want %d and %d", c.Len(), c.senders.n, len(values), len(senders))
				}
				for _, s := range senders {
					wantDone(t, l, s.task, false)
				}
				for _, r := range receivers {
					wantDone(t, l, r, false)
				}
			}
			c.Close()
			run(t, l)
			for _, s := range senders {
				wantSent(s, ErrClosed)
			}
			for _, r := range receivers {
				wantReceived(r, 0, ErrClosed)
			}
			for _, v := range values {
				if got, err := c.Recv(); err != nil || got != v {
					t.Errorf("Recv = %d, %v; want %d", got, err, v)
				}
			}
			if _, err := c.Recv(); err != ErrClosed {
				t.Errorf("Recv = %v", err)
			}
			wantChanUnused(t, c)
			wantQuiet(t, l, &c.q)
		})
	}
}
