package aio

var drivers = []driver{{"uring", newUring}, {"epoll", newEpoll}, {"portable", newPortable}, {simName, newSimEngine}}
