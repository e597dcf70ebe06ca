package main

import (
	"context"
	"errors"
	"log"
	"time"

	"github.com/IBM/sarama"
)

type saramaMember struct {
	group    sarama.ConsumerGroup
	told     *told
	topic    string
	stop     context.CancelFunc
	finished chan struct{}
}

func joinWithSarama(order joinOrder, told *told) member {
	config := sarama.NewConfig()
	config.ClientID = order.member
	config.Version = sarama.MaxVersion
	config.Metadata.Retry.Max = 50
	config.Consumer.Return.Errors = true
	config.Consumer.MaxWaitTime = 100 * time.Millisecond
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Offsets.AutoCommit.Enable = false
	config.Consumer.Group.Session.Timeout = 6 * time.Second
	config.Consumer.Group.Heartbeat.Interval = 500 * time.Millisecond
	config.Consumer.Group.InstanceId = order.instance
	strategies := map[string]sarama.BalanceStrategy{
		"range":  sarama.NewBalanceStrategyRange(),
		"sticky": sarama.NewBalanceStrategySticky(),
	}
	config.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{strategies[order.mode]}
	group, err := sarama.NewConsumerGroup([]string{order.bootstrap}, order.group, config)
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	m := &saramaMember{group: group, told: told, topic: order.topic, stop: stop, finished: make(chan struct{})}
	go func() {
		for err := range group.Errors() {
			told.failed(err)
		}
	}()
	go m.run(ctx)
	return m
}

func (m *saramaMember) close() {
	m.stop()
	<-m.finished
	if err := m.group.Close(); err != nil {
		m.told.failed(err)
	}
}

func (m *saramaMember) run(ctx context.Context) {
	defer close(m.finished)
	for ctx.Err() == nil {
		// It returns at each rebalance and is to be called again.
		if err := m.group.Consume(ctx, []string{m.topic}, m); err != nil && !errors.Is(err, context.Canceled) {
			m.told.failed(err)
			time.Sleep(100 * time.Millisecond)
		}
	}
}

func (m *saramaMember) Setup(session sarama.ConsumerGroupSession) error {
	m.told.owned(session.GenerationID(), session.Claims()[m.topic])
	return nil
}

func (m *saramaMember) Cleanup(session sarama.ConsumerGroupSession) error {
	m.told.gaveUp("revoked", session.Claims()[m.topic])
	return nil
}

func (m *saramaMember) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, isOpen := <-claim.Messages():
			if !isOpen {
				return nil
			}
			m.process(session, claim, message)
		case <-session.Context().Done():
			return nil
		}
	}
}

// process takes what has come with the message, too, and commits once for all.
func (m *saramaMember) process(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim, message *sarama.ConsumerMessage) {
	first, last, count := message.Offset, message, 1
	for more := true; more && count < 200; {
		select {
		case next, isOpen := <-claim.Messages():
			if more = isOpen; isOpen {
				last = next
				count++
			}
		default:
			more = false
		}
	}
	m.told.processed(claim.Partition(), first, last.Offset+1, count)
	session.MarkMessage(last, "")
	// An error comes through the channel of errors.
	session.Commit()
}
