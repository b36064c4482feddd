package future

import (
	"testing"
)

func TestScopeEndsAfterItsTasks(t *testing.T) {
	l := newTestLoop(t)
	var scope Scope
	ended := 0
	task := Spawn(l, script{f: func(cx *Context, n int) Poll {
		if n == 1 {
			for i := range 10 {
				Spawn(scope.In(cx), script{f: func(cx *Context, n int) Poll {
					if n > i {
						ended++
						return Ready
					}
					cx.Wake(cx.Waker())
					return Pending
				}})
			}
		}
		return scope.Poll(cx)
	}})
	if _, err := task.Wait(); err != nil {
		t.Fatal(err)
	}
	if ended != 10 {
		t.Errorf("%d tasks had ended", ended)
	}
	task.Release()
}
