// Members of groups on franz-go or sarama, as the first argument says; commands and events as in member_event.ts.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// joinOrder is a join command.
type joinOrder struct {
	bootstrap, member, group, topic, mode, instance string
}

// member has been told to join; close leaves the group in order.
type member interface {
	close()
}

func main() {
	log.SetFlags(0)
	join := map[string]func(joinOrder, *told) member{"franz-go": joinWithFranz, "sarama": joinWithSarama}[os.Args[1]]
	members := map[string]member{}
	var leaving sync.WaitGroup
	leave := func(name string) {
		one := members[name]
		delete(members, name)
		leaving.Add(1)
		go func() {
			defer leaving.Done()
			one.close()
			(&told{name}).tell("left", nil)
		}()
	}
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		words := strings.Fields(in.Text())
		if words[0] == "leave" {
			leave(words[1])
			continue
		}
		order := joinOrder{os.Args[2], words[1], words[2], words[3], words[4], words[5]}
		if order.instance == "-" {
			order.instance = ""
		}
		members[order.member] = join(order, &told{order.member})
	}
	for name := range members {
		leave(name)
	}
	leaving.Wait()
}

// told tells what happens to one member.
type told struct {
	member string
}

var outputLock sync.Mutex

func (t *told) tell(event string, fields map[string]any) {
	line := map[string]any{"event": event, "member": t.member}
	for name, value := range fields {
		line[name] = value
	}
	outputLock.Lock()
	defer outputLock.Unlock()
	line["atMs"] = float64(time.Now().UnixMicro()) / 1000
	text, err := json.Marshal(line)
	if err != nil {
		log.Fatal(err)
	}
	os.Stdout.Write(append(text, '\n'))
}

func (t *told) owned(generation int32, partitions []int32) {
	t.tell("owned", map[string]any{"generation": generation, "partitions": sorted(partitions)})
}

func (t *told) gaveUp(event string, partitions []int32) {
	if len(partitions) > 0 {
		t.tell(event, map[string]any{"partitions": sorted(partitions)})
	}
}

func (t *told) processed(partition int32, first, next int64, count int) {
	if next-first != int64(count) {
		log.Fatalf("partition %d: %d records from %d to %d", partition, count, first, next)
	}
	t.tell("processed", map[string]any{"partition": partition, "first": first, "next": next})
}

func (t *told) committed(partition int32, offset int64) {
	t.tell("committed", map[string]any{"partition": partition, "offset": offset})
}

func (t *told) failed(err error) {
	t.tell("error", map[string]any{"message": err.Error()})
}

// sorted never gives null, which a nil slice would be.
func sorted(partitions []int32) []int32 {
	list := append([]int32{}, partitions...)
	slices.Sort(list)
	return list
}
