package future

import (
	"context"
	"errors"
	"testing"
)

func TestTryAllFirstErrorCancelsTheRest(t *testing.T) {
	l := newTestLoop(t)
	boom := errors.New("boom")
	fs := probes(5)
	fs[0].stubborn = true
	fs[0].err = errors.New("later")
	fs[1].ready = true
	task := Spawn(l, TryAll(fs...))
	idle(t, l)
	fs[3].err = boom
	fs[3].finish()
	idle(t, l)
	if isDone(l, task) {
		t.Fatal("did not wait for a child that takes its time")
	}
	fs[0].finish()
	f := mustWait(t, task)
	if f.Result() != boom {
		t.Errorf("Result = %v, want the first error", f.Result())
	}
	for i, want := range []error{fs[0].err, nil, ErrCanceled, boom, ErrCanceled} {
		if got := f.At(i).Result(); got != want {
			t.Errorf("child %d: %v, want %v", i, got, want)
		}
	}
	checkProbes(t, fs...)
	task.Release()
}

func TestTryAllOfNoErrors(t *testing.T) {
	l := newTestLoop(t)
	fs := probes(3)
	for _, p := range fs {
		p.ready = true
	}
	task := Spawn(l, TryAll(fs...))
	if err := mustWait(t, task).Result(); err != nil {
		t.Error(err)
	}
	task.Release()
}

func TestTryAllOfCollectsValuesInOrder(t *testing.T) {
	l := newTestLoop(t)
	var fs []FromFuncFuture[int]
	for i := range 20 {
		fs = append(fs, FromFunc(func() (int, error) { return i * i, nil }))
	}
	task := Spawn(l, TryAllOf[int](fs...))
	vs, err := mustWait(t, task).Result()
	if err != nil || len(vs) != 20 {
		t.Fatalf("Result = %v, %v", vs, err)
	}
	for i, v := range vs {
		if v != i*i {
			t.Errorf("value %d = %d", i, v)
		}
	}
	task.Release()
}

func TestTryAllOfFirstErrorCancelsTheRest(t *testing.T) {
	l := newTestLoop(t)
	boom := errors.New("boom")
	never := FromFuncContext(func(ctx context.Context) (int, error) {
		<-ctx.Done()
		return 0, ctx.Err()
	})
	fails := FromFunc(func() (int, error) { return 0, boom })
	task := Spawn(l, TryAllOf[int](never, fails, never))
	f := mustWait(t, task)
	if vs, err := f.Result(); err != boom || vs != nil {
		t.Errorf("Result = %v, %v", vs, err)
	}
	if _, err := f.At(0).Result(); !errors.Is(err, context.Canceled) && err != ErrCanceled {
		t.Errorf("child 0: %v", err)
	}
	task.Release()
}
