package aio

var drivers = []driver{{uringName, newUring}, {"epoll", newEpoll}, {"portable", newPortable}, {simName, newSimEngine}}
