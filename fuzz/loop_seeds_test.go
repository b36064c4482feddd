package fuzz_test

import "strings"

// loopSeeds lead FuzzFuture to the corners: each is a story about one rule.
var loopSeeds = map[string]string{
	"one-poll-per-burst": "spawn 0; idle; wake 0 0; wake 0 1; wake 0 2; idle; wake 0 3; idle; wake 0 2; step; wake 0 0; idle; fire 0 0 0; idle; wait 0; release 0 0; old 0",
	"yields":             "leaf 3 0; spawn 0; leaf 2 0; spawn 1; step; wake 0 0; step; idle; fire 0 1 0; idle; fire 0 3 0; idle",
	"fired-before-poll":  "spawn 0; fire 0 0 0; spawn 1; fire 0 1 2; spawn 2; cancel 2 0; spawn 3; release 2 0; spawn 4; idle; wait 0; wait 1",
	"each-spawn":         "spawn 0; spawn 1; spawn 2; spawn 3; spawn 4; spawn-fails 0; spawn-fails 1; idle; fire 0 0 0; fire 0 1 0; fire 0 2 0; fire 0 3 0; fire 0 0 0; idle; wait 0; wait 1; release 0 0; release 0 1; release 0 2; release 0 0",
	"old-handles":        "spawn 0; idle; fire 0 0 0; idle; release 0 0; spawn 0; idle; old 0; idle; old 0; spawn 0; old 0; idle; wake 0 0; old 0; shutdown 0; spawn 0; idle; old 0; old 1; idle",
	"slot-reuse":         "spawn 0; spawn 0; idle; wake 1 1; fire 0 1 0; idle; release 0 0; old 0; spawn 0; old 0; idle; wake 1 0; old 0; release 0 1; spawn 2; idle; old 0; shutdown 5; spawn 0; old 0; old 1; idle",

	"panics":        "spawn 0; spawn 1; spawn 0; idle; fire 0 0 2; fire 0 1 2; idle; fire 0 3 2; idle; wait 0; release 0 0; release 0 0",
	"goexits":       "spawn 0; spawn 0; spawn 1; idle; fire 0 0 3; fire 1 1 0; idle; fire 0 0 3; idle; wait 0; wait 1; release 0 0; release 0 0; spawn 0; idle",
	"unjoined":      "spawn 0; idle; fire 0 0 2; idle; release 0 0; spawn 0; release 0 0; idle; fire 0 0 2; idle; spawn 0; idle; fire 0 0 2; shutdown 1",
	"cancels":       "spawn 0; cancel 0 0; spawn 2; idle; cancel 1 1; spawn 0; idle; cancel 2 2; idle; leaf 2 2; spawn 0; idle; cancel 3 0; cancel 3 1; idle; wait 3; leaf 0 2; spawn 1; shutdown 0",
	"detached":      "spawn 0; release 0 0; idle; fire 0 0 0; idle; spawn 0; idle; release 0 2; cancel 0 0; idle; spawn 0; idle; wait-for 0; spawn 0; idle; release 0 0; fire 0 0 0; idle; wait 0",
	"waits":         "spawn 0; wait-for 0; spawn 0; wait-for 0; wait-for 1; join 0; spawn 2; idle; fire 0 0 0; idle; wait 1; wait 2; spawn 0; wait-for 3; spawn 0; idle; fire 0 0 2; idle; release 3 0; release 3 0",
	"wait-canceled": "spawn 0; wait-for 0; spawn 0; idle; cancel 1 0; idle; wait-for 0; shield 0; spawn 0; idle; cancel 2 0; idle; fire 0 0 2; idle",

	"all":         "leaf 0 0; leaf 1 0; leaf 2 1; sleep 3; all 4; spawn 0; idle; fire 1 0 0; idle; fire 0 1 0; idle; advance 3; fire 0 0 0; idle; wait 0; all 0; spawn 0; idle",
	"all-panics":  "leaf 0 0; leaf 0 2; sleep 9; leaf 0 0; all 4; spawn 0; idle; fire 0 0 2; idle; wait 0; leaf 0 0; leaf 0 0; join 0; spawn 0; idle; fire 0 0 2; fire 1 0 2; idle",
	"all-cancel":  "leaf 0 1; leaf 0 0; leaf 0 2; all 3; leaf 0 0; all 2; spawn 0; idle; cancel 0 2; idle; wait 0; leaf 0 0; leaf 0 0; join 0; spawn 0; cancel 1 0; idle",
	"race":        "leaf 0 0; leaf 0 1; sleep 5; race 3; spawn 0; idle; fire 1 0 0; idle; wait 0; leaf 0 0; leaf 0 0; race 2; spawn 0; idle; fire 0 0 0; fire 1 0 0; idle; race 0; spawn 0; idle",
	"select":      "leaf 0 0; leaf 0 2; select 0; spawn 0; idle; fire 0 3 0; idle; leaf 0 0; shield 0; leaf 0 0; select 0; spawn 0; idle; fire 1 0 0; idle; fire 0 0 0; idle; wait 0; wait 1",
	"timeouts":    "leaf 0 0; timeout 5; spawn 0; leaf 0 0; timeout 7; spawn 0; leaf 0 2; timeout 0; spawn 0; idle; fire 0 0 0; advance 4; advance 1; advance 5; wait 1",
	"nested-time": "sleep 10; timeout 20; sleep 30; timeout 5; leaf 0 0; shield 0; timeout 1; all 3; spawn 0; idle; advance 1; advance 4; advance 5; fire 0 0 0; idle; wait 0",
	"shields":     "leaf 0 0; shield 0; spawn 0; sleep 9; shield 0; leaf 0 0; race 2; spawn 0; idle; cancel 0 0; cancel 1 0; idle; advance 9; fire 0 0 0; idle; leaf 0 0; shield 0; timeout 2; spawn 0; idle; advance 3; shutdown 0",
	"deep":        "leaf 0 0; leaf 0 0; select 0; leaf 0 0; timeout 9; race 2; leaf 0 0; shield 0; join 0; leaf 0 1; all 2; spawn 0; idle; wake 0 0; wake 3 1; storm 5 0; fire 2 0 0; idle; fire 0 0 0; idle; cancel 0 1; idle; fire 0 0 0; idle",

	"mutex":       "operation 0 0 0; spawn 0; operation 0 0 0; spawn 0; operation 0 1 0; timeout 4; spawn 0; operation 0 0 0; spawn 0; idle; fire 0 0 0; idle; advance 4; cancel 1 0; idle; fire 0 1 0; idle; fire 0 0 0; idle",
	"rw-mutex":    "operation 1 0 0; spawn 0; operation 1 0 0; spawn 0; operation 2 0 0; spawn 0; operation 1 0 0; spawn 0; idle; fire 0 0 0; idle; fire 0 0 0; idle; fire 0 0 0; idle; cancel 3 0; idle",
	"semaphore":   "operation 3 0 2; spawn 0; operation 3 0 0; spawn 0; operation 3 0 2; spawn 0; operation 3 0 1; spawn 0; idle; fire 0 0 0; idle; cancel 2 1; idle; fire 0 0 0; idle; fire 0 0 0; idle",
	"notify":      "notify 0; operation 4 0 0; spawn 0; idle; operation 4 0 0; spawn 0; operation 4 0 0; operation 4 0 0; race 2; spawn 0; idle; notify 0; notify 1; operation 4 0 0; spawn 0; notify 1; cancel 3 0; notify 0; idle",
	"rendezvous":  "operation 5 0 0; spawn 0; idle; operation 7 0 0; spawn 0; idle; operation 7 0 0; spawn 0; operation 5 0 0; timeout 3; spawn 0; idle; operation 5 0 0; spawn 0; idle; advance 3; cancel 4 0; receive 0; send 0; close-channel 0; idle",
	"buffered":    "send 1; send 1; send 1; operation 6 0 0; spawn 0; operation 6 0 0; spawn 0; idle; receive 1; idle; cancel 1 0; operation 8 0 0; spawn 0; operation 8 0 0; spawn 0; operation 8 0 0; spawn 0; idle; close-channel 1; send 1; idle; receive 1",
	"race-values": "operation 7 0 0; operation 8 0 0; race 2; spawn 0; idle; send 1; operation 5 0 0; spawn 0; idle; operation 5 0 0; operation 6 0 0; select 0; spawn 0; operation 7 0 0; operation 8 0 0; join 0; spawn 0; idle; cancel 2 0; idle",
	"race-locks":  "operation 0 0 0; operation 3 0 2; race 2; spawn 0; operation 0 0 0; operation 0 0 0; race 2; spawn 0; operation 3 0 1; operation 2 0 0; select 0; spawn 0; idle; fire 0 0 0; idle; fire 0 0 0; idle; cancel 1 0; cancel 2 0; idle",

	"chosen-then-canceled": "operation 0 0 0; spawn 0; operation 0 0 0; spawn 0; operation 0 0 0; spawn 0; idle; fire 0 0 0; cancel 1 2; idle; fire 1 0 0; idle",
	"chosen-of-permits":    "operation 3 0 2; spawn 0; operation 3 0 0; spawn 0; operation 3 0 1; spawn 0; operation 3 0 2; spawn 0; idle; fire 0 0 0; cancel 1 2; cancel 2 2; idle; operation 2 0 0; spawn 0; operation 1 0 0; spawn 0; operation 1 0 0; spawn 0; idle; fire 1 0 0; cancel 5 2; idle",
	"chosen-for-a-value":   "operation 8 0 0; spawn 0; operation 8 0 0; spawn 0; operation 7 0 0; spawn 0; operation 7 0 0; spawn 0; idle; send 1; cancel 0 0; idle; operation 5 0 0; spawn 0; cancel 2 1; idle; operation 7 0 0; spawn 0; operation 5 0 0; timeout 1; spawn 0; step; advance 2",
	"scope":                "leaf 0 0; leaf 1 0; leaf 0 1; scope 3; spawn 0; idle; wake 0 0; fire 1 0 0; idle; fire 0 1 0; idle; cancel 0 0; idle; wait 0; scope 0; spawn 0; idle; wait 1",
	"scope-panics":         "leaf 0 0; leaf 0 2; sleep 9; scope 3; spawn 0; idle; fire 0 0 2; idle; wait 0; leaf 0 0; leaf 0 0; scope 2; leaf 0 0; race 2; spawn 1; idle; fire 2 0 0; idle; leaf 0 0; scope 1; spawn 1; idle; fire 0 0 2; idle",
	"scope-nested":         "leaf 0 0; leaf 0 0; scope 2; leaf 0 0; shield 0; scope 2; timeout 3; spawn 0; idle; advance 3; fire 2 0 0; idle; fire 0 0 0; idle; operation 0 0 0; operation 0 0 0; scope 2; spawn 0; idle; fire 0 0 0; idle; leaf 0 0; scope 1; shield 0; spawn 0; idle; shutdown 9; leaf 0 0; scope 1; spawn 3; cancel 0 1; idle",

	"scope-shielded": "sleep 1; scope 1; shield 0; spawn 0; leaf 0 0; shield 0; sleep 2; scope 2; shield 0; spawn 0; shutdown 0; sleep 9; scope 1; shield 0; spawn 1; idle; cancel 0 0; idle",

	"for-each":         "leaf 0 0; leaf 0 0; leaf 0 0; leaf 0 0; for-each 4 1; spawn 0; idle; fire 1 0 0; idle; fire 0 1 0; idle; fire 1 0 0; fire 0 0 0; idle; wait 0; for-each 0 0; spawn 0; idle",
	"for-each-panics":  "leaf 0 0; leaf 0 2; leaf 0 0; for-each 3 1; spawn 0; idle; fire 0 0 2; idle; wait 0; leaf 0 0; leaf 0 0; race 2; leaf 0 0; leaf 0 0; for-each 3 1; spawn 1; idle; fire 0 0 2; idle",
	"for-each-cancels": "leaf 0 0; leaf 0 0; leaf 0 0; for-each 3 0; timeout 5; spawn 0; idle; fire 0 0 0; idle; advance 5; leaf 0 0; shield 0; leaf 0 0; for-each 2 0; spawn 0; idle; cancel 1 0; idle; fire 0 0 0; idle; leaf 0 0; for-each 1 0; spawn 0; cancel 2 0; idle; leaf 0 0; leaf 0 0; for-each 2 2; scope 1; spawn 0; idle; shutdown 0",

	"broadcast":       "operation 9 0 0; spawn 0; operation 9 0 1; spawn 0; operation 9 0 0; spawn 0; idle; broadcast 0; idle; broadcast 1; broadcast 2; broadcast 0; idle; operation 9 0 1; spawn 0; operation 9 0 1; spawn 0; idle; operation 9 0 0; spawn 0; idle; cancel 5 1; broadcast 2; idle",
	"broadcast-lag":   "broadcast 0; broadcast 0; broadcast 0; broadcast 0; broadcast 0; operation 9 0 0; spawn 0; operation 9 0 0; spawn 0; operation 9 0 0; spawn 0; operation 9 0 0; spawn 0; idle; close-broadcast; broadcast 0; idle; operation 9 0 1; operation 9 0 1; operation 9 0 1; operation 9 0 1; all 4; spawn 0; idle",
	"watch":           "operation 10 0 0; spawn 0; operation 10 0 1; spawn 0; operation 10 0 0; spawn 0; idle; set-watch 0; idle; set-watch 1; set-watch 2; idle; cancel 2 0; operation 10 0 1; spawn 0; idle; close-watch; set-watch 0; idle",
	"watch-ends":      "operation 10 0 0; spawn 0; switch; operation 10 0 1; spawn 0; operation 10 0 1; leaf 0 0; race 2; spawn 0; idle; close-watch; idle; operation 10 0 0; spawn 0; idle; fire 0 0 0; idle",
	"two-loops":       "spawn 0; switch; spawn 0; idle; wake 0 0; wake 1 3; idle; fire 0 3 0; step; switch; step; fire 0 0 0; idle; wait 0; wait 1; switch; release 0 0; old 0; spawn 0; switch; idle; storm 5 90; spawn 3; cancel 1 2; idle",
	"two-loops-wait":  "spawn 0; switch; wait-for 0; spawn 0; wait-for 0; leaf 0 0; race 2; spawn 1; switch; wait-for 1; spawn 0; idle; fire 0 0 2; idle; shutdown 5; leaf 0 0; shield 0; spawn 0; switch; wait-for 0; shield 0; spawn 0; switch; wait-for 1; shield 0; spawn 0; idle",
	"two-loops-share": "operation 0 0 0; spawn 0; switch; operation 0 0 0; spawn 0; operation 9 0 0; spawn 0; switch; operation 0 0 0; spawn 0; operation 10 0 0; spawn 0; operation 5 0 0; spawn 0; switch; operation 7 0 0; spawn 0; idle; broadcast 2; set-watch 2; step; switch; step; fire 0 0 0; step; switch; step; idle; cancel 1 1; idle; fire 0 0 0; idle; notify 1; notify 0",
	"two-loops-lapse": "operation 0 0 0; spawn 0; switch; operation 0 0 0; leaf 0 0; race 2; spawn 0; switch; operation 0 0 0; spawn 0; idle; fire 0 0 0; step; fire 1 0 0; switch; step; step; switch; idle; operation 3 0 2; spawn 0; switch; operation 3 0 1; shield 0; spawn 0; idle; shutdown 3",
	"two-loops-again": "spawn 0; spawn 0; switch; spawn 0; step; switch; step; wake 2 0; wake 0 0; wake 1 1; step; wake 1 0; wake 0 1; step; switch; step; wake 2 1; step; wake 2 0; idle; switch; spawn 0; wait-for 0; spawn 0; switch; wait-for 3; spawn 0; wait-for 4; spawn 0; idle; fire 0 0 0; fire 2 0 0; idle; operation 4 0 0; spawn 0; idle; notify 0; operation 4 0 0; spawn 0; idle; notify 0; idle",
	"storms":          "spawn 0; leaf 1 0; leaf 0 0; all 2; spawn 0; operation 0 0 0; spawn 0; idle; storm 3 0; fire 0 0 0; idle; release 0 0; storm 90 70; old 0; storm 1 127; idle; shutdown 0; spawn 0; storm 7 0",
	"deep-for-each":   "leaf 0 0; " + strings.Repeat("for-each 1 0; ", 60) + "spawn 0; idle; fire 0 0 0; idle",
	"deep-races":      "leaf 0 0; " + strings.Repeat("shield 0; leaf 0 0; race 2; ", 40) + "spawn 0; idle; " + strings.Repeat("fire 1 0 0; idle; ", 40),
	"explored":        "shutdown 77; leaf 0 0; leaf 0 0; leaf 0 0; race 3; spawn 0; spawn 0; operation 0 0 0; spawn 0; operation 0 0 0; spawn 0; spawn 0; idle; fire 0 0 0; fire 0 0 0; fire 0 0 0; idle; storm 9 0; fire 0 0 0; idle; collect; shutdown 3; spawn 0; idle",
}
