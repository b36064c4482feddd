module github.com/pinion-go/pinion/bench

go 1.26.0

require (
	github.com/cloudwego/netpoll v0.7.2
	github.com/pinion-go/pinion v0.0.0
	golang.org/x/sys v0.49.0
)

require (
	github.com/bytedance/gopkg v0.1.1 // indirect
	github.com/cloudwego/gopkg v0.1.4 // indirect
	golang.org/x/mod v0.42.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
)

replace github.com/pinion-go/pinion => ../
