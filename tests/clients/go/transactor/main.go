// Copies a topic in transactions with franz-go: BOOTSTRAP GROUP FROM TO TRANSACTIONAL-ID. Each record goes to the
// partition of the same number. Some transactions are given up on purpose. It ends with its standard input, or with 1
// when it cannot go on: then it is to be started again.
package main

import (
	"context"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const abortChance = 0.2

func main() {
	log.SetFlags(0)
	bootstrap, group, from, to, transactionalID := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	session, err := kgo.NewGroupTransactSession(
		kgo.SeedBrokers(bootstrap),
		kgo.TransactionalID(transactionalID),
		kgo.TransactionTimeout(10*time.Second),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(from),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.FetchMaxWait(100*time.Millisecond),
		kgo.SessionTimeout(6*time.Second),
		kgo.HeartbeatInterval(500*time.Millisecond),
	)
	if err != nil {
		log.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		end()
	}()
	for ctx.Err() == nil {
		if err := turn(ctx, session, to); err != nil {
			log.Fatal(err)
		}
	}
	session.Close()
}

func turn(ctx context.Context, session *kgo.GroupTransactSession, to string) error {
	poll, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	fetches := session.PollRecords(poll, 100)
	cancel()
	if fetches.NumRecords() == 0 {
		return nil
	}
	if err := session.Begin(); err != nil {
		return err
	}
	all := kgo.AbortingFirstErrPromise(session.Client())
	fetches.EachRecord(func(found *kgo.Record) {
		copied := &kgo.Record{Topic: to, Partition: found.Partition, Key: found.Key, Value: found.Value}
		session.Produce(context.Background(), copied, all.Promise())
	})
	commit := kgo.TransactionEndTry(all.Err() == nil && rand.Float64() >= abortChance)
	_, err := session.End(context.Background(), commit)
	return err
}
