package future_test

import (
	"context"
	"testing"

	"github.com/pinion-go/pinion/future"
)

// TestASpawnElsewhereMakesThreeObjects: what they are made of is garbage soon, and servers have one
// such spawn for each connection.
func TestASpawnElsewhereMakesThreeObjects(t *testing.T) {
	rt, err := future.NewRuntime(future.Config{Loops: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer rt.Shutdown(context.Background())
	spawn := func() { future.Go(rt, future.YieldAsync()) }
	for range 1000 {
		spawn()
	}
	if n := testing.AllocsPerRun(1000, spawn); n > 3 {
		t.Errorf("it makes %v objects", n)
	}
}
