package main

import (
	"context"
	"log"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type franzMember struct {
	client   *kgo.Client
	told     *told
	topic    string
	stop     context.CancelFunc
	finished chan struct{}

	lock sync.Mutex
	held map[int32]bool
}

func joinWithFranz(order joinOrder, told *told) member {
	m := &franzMember{told: told, topic: order.topic, finished: make(chan struct{}), held: map[int32]bool{}}
	options := []kgo.Opt{
		kgo.SeedBrokers(order.bootstrap),
		kgo.ClientID(order.member),
		kgo.ConsumerGroup(order.group),
		kgo.ConsumeTopics(order.topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxWait(100 * time.Millisecond),
		kgo.SessionTimeout(6 * time.Second),
		kgo.HeartbeatInterval(500 * time.Millisecond),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.OnPartitionsAssigned(m.assigned),
		kgo.OnPartitionsRevoked(m.revoked),
		kgo.OnPartitionsLost(m.lost),
	}
	switch order.mode {
	case "range":
		options = append(options, kgo.Balancers(kgo.RangeBalancer()))
	case "cooperative":
		options = append(options, kgo.Balancers(kgo.CooperativeStickyBalancer()))
	case "consumer":
		options = append(options, kgo.Balancers(kgo.StickyBalancer()), kgo.ServerSideBalancer())
	default:
		log.Fatalf("no such mode: %s", order.mode)
	}
	if order.instance != "" {
		options = append(options, kgo.InstanceID(order.instance))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		log.Fatal(err)
	}
	m.client = client
	ctx, stop := context.WithCancel(context.Background())
	m.stop = stop
	go m.run(ctx)
	return m
}

func (m *franzMember) close() {
	m.stop()
	<-m.finished
	m.client.CloseAllowingRebalance()
}

func (m *franzMember) run(ctx context.Context) {
	defer close(m.finished)
	for ctx.Err() == nil {
		poll, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		fetches := m.client.PollRecords(poll, 200)
		cancel()
		fetches.EachError(func(_ string, _ int32, err error) {
			if poll.Err() == nil {
				m.told.failed(err)
			}
		})
		fetches.EachPartition(m.process)
		m.client.AllowRebalance()
	}
}

func (m *franzMember) process(found kgo.FetchTopicPartition) {
	if len(found.Records) == 0 {
		return
	}
	last := found.Records[len(found.Records)-1]
	m.told.processed(found.Partition, found.Records[0].Offset, last.Offset+1, len(found.Records))
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := m.client.CommitRecords(ctx, last); err != nil {
		// The group's next rebalance sets the position back to what is committed.
		m.told.failed(err)
		return
	}
	m.told.committed(found.Partition, last.Offset+1)
}

func (m *franzMember) assigned(_ context.Context, client *kgo.Client, added map[string][]int32) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, partition := range added[m.topic] {
		m.held[partition] = true
	}
	_, generation := client.GroupMetadata()
	m.told.owned(generation, slices.Collect(maps.Keys(m.held)))
}

func (m *franzMember) revoked(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	m.gaveUp("revoked", gone[m.topic])
}

func (m *franzMember) lost(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	m.gaveUp("lost", gone[m.topic])
}

func (m *franzMember) gaveUp(event string, partitions []int32) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, partition := range partitions {
		delete(m.held, partition)
	}
	m.told.gaveUp(event, partitions)
}
