// Drives franz-go; arguments as in record_program.ts.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	idleLimit  = 30 * time.Second
	writeLimit = 5 * time.Minute
)

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

func main() {
	log.SetFlags(0)
	command, bootstrap, rest := os.Args[1], os.Args[2], os.Args[3:]
	if command == "write" {
		if err := write(bootstrap, rest[0], rest[1], rest[2]); err != nil {
			log.Fatal(err)
		}
		return
	}
	for ; len(rest) >= 3; rest = rest[3:] {
		if err := readTopic(bootstrap, rest[0], rest[1], rest[2]); err != nil {
			log.Fatal(err)
		}
	}
}

func write(bootstrap, topic, codec, path string) error {
	records, err := readRecords(path)
	if err != nil {
		return err
	}
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.DefaultProduceTopic(topic),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(codecs[codec]),
		kgo.ProducerLinger(5*time.Millisecond),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	// Producing overwrites a record's offset with the acknowledged one.
	expected := make([]int64, len(records))
	for i, record := range records {
		expected[i] = record.Offset
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return err
	}
	for i, record := range records {
		if record.Offset != expected[i] {
			return fmt.Errorf("offset %d acknowledged, expected %d", record.Offset, expected[i])
		}
	}
	return nil
}

func readTopic(bootstrap, topic, counts, path string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	out := bufio.NewWriterSize(file, 1<<20)
	for partition, text := range strings.Split(counts, ",") {
		count, err := strconv.Atoi(text)
		if err != nil {
			return err
		}
		if err := readPartition(bootstrap, topic, int32(partition), count, out); err != nil {
			return err
		}
	}
	return out.Flush()
}

func readPartition(bootstrap, topic string, partition int32, count int, out *bufio.Writer) error {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(bootstrap),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {partition: kgo.NewOffset().At(0)}}),
		kgo.FetchMaxWait(500*time.Millisecond),
	)
	if err != nil {
		return err
	}
	defer client.Close()
	for seen := 0; seen < count; {
		ctx, cancel := context.WithTimeout(context.Background(), idleLimit)
		fetches := client.PollRecords(ctx, count-seen)
		cancel()
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("%s-%d: %d of %d records: %w", topic, partition, seen, count, err)
		}
		for _, record := range fetches.Records() {
			seen++
			if _, err := out.Write(appendFrame(nil, record)); err != nil {
				return err
			}
		}
	}
	return nil
}
