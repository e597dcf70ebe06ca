// Drives franz-go on secured listeners; jobs and answers as in secure_client.ts.
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

const limit = 30 * time.Second

type job struct {
	Bootstrap, Topic, Group, Mark        string
	Records, LastsMs                     int
	CA, Certificate, Key                 string
	Mechanism, User, Password, TokenFile string
}

type answer struct {
	Outcome string `json:"outcome"`
	Detail  string `json:"detail"`
}

func main() {
	log.SetFlags(0)
	in := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for in.Scan() {
		var next job
		if err := json.Unmarshal(in.Bytes(), &next); err != nil {
			log.Fatal(err)
		}
		if err := out.Encode(do(next)); err != nil {
			log.Fatal(err)
		}
	}
}

func do(next job) answer {
	err := writeAndRead(next)
	switch {
	case err == nil:
		return answer{"read", ""}
	case isRefusal(err):
		return answer{"refused", err.Error()}
	default:
		return answer{"failed", err.Error()}
	}
}

// Neither the peer's alert about a certificate nor what a broker says of a token has a type of its own.
func isRefusal(err error) bool {
	return errors.Is(err, kerr.SaslAuthenticationFailed) ||
		strings.Contains(err.Error(), "tls:") ||
		strings.Contains(err.Error(), "unexpected data in oauth response")
}

func options(next job) ([]kgo.Opt, error) {
	authority, err := os.ReadFile(next.CA)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	if !config.RootCAs.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("%s holds no certificate", next.CA)
	}
	if next.Certificate != "" {
		own, err := tls.LoadX509KeyPair(next.Certificate, next.Key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{own}
	}
	all := []kgo.Opt{
		kgo.SeedBrokers(next.Bootstrap),
		kgo.DialTLSConfig(config),
		kgo.RequestRetries(2),
		kgo.RecordRetries(2),
		kgo.RetryTimeout(5 * time.Second),
		kgo.MetadataMinAge(100 * time.Millisecond),
	}
	mechanism, err := mechanismOf(next)
	if err != nil {
		return nil, err
	}
	if mechanism != nil {
		all = append(all, kgo.SASL(mechanism))
	}
	return all, nil
}

func mechanismOf(next job) (sasl.Mechanism, error) {
	credentials := scram.Auth{User: next.User, Pass: next.Password}
	switch next.Mechanism {
	case "":
		return nil, nil
	case "PLAIN":
		return plain.Auth{User: next.User, Pass: next.Password}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return credentials.AsSha256Mechanism(), nil
	case "SCRAM-SHA-512":
		return credentials.AsSha512Mechanism(), nil
	case "OAUTHBEARER":
		token, err := os.ReadFile(next.TokenFile)
		return oauth.Auth{Token: string(token)}.AsMechanism(), err
	}
	return nil, fmt.Errorf("no mechanism %s", next.Mechanism)
}

func writeAndRead(next job) error {
	common, err := options(next)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	client, err := kgo.NewClient(append(common,
		kgo.ConsumerGroup(next.Group),
		kgo.ConsumeTopics(next.Topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	)...)
	if err != nil {
		return err
	}
	defer client.Close()
	lastsUntil := time.Now().Add(time.Duration(next.LastsMs) * time.Millisecond)
	for written := 0; written == 0 || time.Now().Before(lastsUntil); written += next.Records {
		if err := round(ctx, client, next, written); err != nil {
			return err
		}
	}
	return nil
}

func round(ctx context.Context, client *kgo.Client, next job, first int) error {
	missing := make(map[string]bool)
	for i := range next.Records {
		value := fmt.Sprintf("%s%d", next.Mark, first+i)
		missing[value] = true
		record := &kgo.Record{Topic: next.Topic, Value: []byte(value)}
		if err := client.ProduceSync(ctx, record).FirstErr(); err != nil {
			return err
		}
	}
	for len(missing) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("%d records are missing: %w", len(missing), err)
		}
		fetches.EachRecord(func(record *kgo.Record) { delete(missing, string(record.Value)) })
	}
	return nil
}
