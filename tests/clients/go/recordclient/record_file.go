package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// frameHead is what every frame begins with; data_record.ts describes the format.
type frameHead struct {
	Length      uint32
	Partition   int32
	Offset      int64
	TimestampMs int64
}

// readRecords returns the records of a file, with the offsets they are expected to get.
func readRecords(path string) ([]*kgo.Record, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 1<<20)
	var records []*kgo.Record
	for {
		record, err := readRecord(in)
		if errors.Is(err, io.EOF) {
			return records, nil
		}
		if err != nil {
			return nil, fmt.Errorf("record %d of %s: %w", len(records), path, err)
		}
		records = append(records, record)
	}
}

func readRecord(in io.Reader) (*kgo.Record, error) {
	var head frameHead
	if err := binary.Read(in, binary.BigEndian, &head); err != nil {
		return nil, err
	}
	body := make([]byte, head.Length-20)
	if _, err := io.ReadFull(in, body); err != nil {
		return nil, err
	}
	record := &kgo.Record{Partition: head.Partition, Offset: head.Offset, Timestamp: time.UnixMilli(head.TimestampMs)}
	record.Key, body = takeBytes(body)
	record.Value, body = takeBytes(body)
	count := binary.BigEndian.Uint32(body)
	body = body[4:]
	for ; count > 0; count-- {
		var name, value []byte
		name, body = takeBytes(body)
		value, body = takeBytes(body)
		record.Headers = append(record.Headers, kgo.RecordHeader{Key: string(name), Value: value})
	}
	return record, nil
}

func takeBytes(from []byte) (taken, rest []byte) {
	length := int32(binary.BigEndian.Uint32(from))
	if length < 0 {
		return nil, from[4:]
	}
	return from[4 : 4+length], from[4+length:]
}

func appendFrame(to []byte, record *kgo.Record) []byte {
	start := len(to)
	to = binary.BigEndian.AppendUint32(to, 0)
	to = binary.BigEndian.AppendUint32(to, uint32(record.Partition))
	to = binary.BigEndian.AppendUint64(to, uint64(record.Offset))
	to = binary.BigEndian.AppendUint64(to, uint64(record.Timestamp.UnixMilli()))
	to = appendBytes(to, record.Key)
	to = appendBytes(to, record.Value)
	to = binary.BigEndian.AppendUint32(to, uint32(len(record.Headers)))
	for _, header := range record.Headers {
		to = appendBytes(to, []byte(header.Key))
		to = appendBytes(to, header.Value)
	}
	binary.BigEndian.PutUint32(to[start:], uint32(len(to)-start-4))
	return to
}

// appendBytes tells null (a nil slice) from empty.
func appendBytes(to, data []byte) []byte {
	if data == nil {
		return binary.BigEndian.AppendUint32(to, 0xffffffff)
	}
	return append(binary.BigEndian.AppendUint32(to, uint32(len(data))), data...)
}
