// The Go client of gRPC, from the contract alone. Prints what each call came to; test_clients.py says what is due.
//
//	client SOCKET calls|error|deadline|cancel        cancel: once a line has come on standard input
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"sort"
	"time"

	"github.com/golang/protobuf/proto"
	"github.com/golang/protobuf/ptypes/timestamp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	models "models-gateway/models/v1"
)

const patience = 20 * time.Second

func told(err error) string {
	if err == nil {
		return "0"
	}
	status := status.Convert(err)
	text := fmt.Sprintf("%d %s", status.Code(), status.Message())
	for _, detail := range status.Details() {
		info, isInfo := detail.(*errdetails.ErrorInfo)
		if !isInfo {
			continue
		}
		text += fmt.Sprintf(" | %s %s", info.Reason, info.Domain)
		keys := []string{}
		for key := range info.Metadata {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		for _, key := range keys {
			text += fmt.Sprintf(" %s=%s", key, info.Metadata[key])
		}
	}
	return text
}

func report(call string, err error, more string) {
	if more != "" {
		more = " | " + more
	}
	fmt.Printf("%s: %s%s\n", call, told(err), more)
}

func read(ctx context.Context, client models.ModelsServiceClient) {
	snapshot, err := client.ModelsSnapshot(ctx, &models.ModelsSnapshotRequest{})
	report("ModelsSnapshot", err, fmt.Sprintf("%d models", len(snapshot.GetIterable())))

	count := 0
	stream, err := client.StreamModelsSnapshot(ctx, &models.StreamModelsSnapshotRequest{})
	for err == nil {
		var part *models.Models
		part, err = stream.Recv()
		count += len(part.GetIterable())
	}
	if err == io.EOF {
		err = nil
	}
	report("StreamModelsSnapshot", err, fmt.Sprintf("%d models", count))
}

func change(ctx context.Context, client models.ModelsServiceClient) {
	model, err := client.ModelsCreateNewModel(ctx, &models.ModelsCreateNewModelRequest{
		SeededModel: &models.SeededModel{
			Name:    proto.String("é"),
			Version: proto.String("1"),
			Type:    models.ModelType_MODEL_TYPE_SPEED.Enum(),
			Usage:   models.ModelUsage_MODEL_USAGE_OCR.Enum(),
			Cloud:   proto.Bool(false),
			Created: &models.GroupedTimestamp{Value: &timestamp.Timestamp{Seconds: 1_700_000_000}},
		},
	})
	report("ModelsCreateNewModel", err, model.GetName())
	id := proto.String(model.GetId())
	_, err = client.ModelsDeleteSpecificModelCache(ctx, &models.ModelsDeleteSpecificModelCacheRequest{
		Model:                 id,
		ModelDeleteCacheInput: &models.ModelDeleteCacheInput{},
	})
	report("ModelsDeleteSpecificModelCache", err, "")
	_, err = client.ModelsDeleteSpecificModel(ctx, &models.ModelsDeleteSpecificModelRequest{Model: id})
	report("ModelsDeleteSpecificModel", err, "")
}

func check(ctx context.Context, connection *grpc.ClientConn) {
	response, err := health.NewHealthClient(connection).Check(ctx, &health.HealthCheckRequest{})
	report("Check", err, response.GetStatus().String())
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: client SOCKET calls|error|deadline|cancel")
		os.Exit(64)
	}
	// Blocking, so that the time of a deadline is the call's alone.
	connection, err := grpc.Dial("unix:"+os.Args[1], grpc.WithInsecure(), grpc.WithBlock())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	client := models.NewModelsServiceClient(connection)
	timeout := patience
	if os.Args[2] == "deadline" {
		timeout = time.Second
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	switch os.Args[2] {
	case "calls":
		read(ctx, client)
		change(ctx, client)
		check(ctx, connection)
	case "cancel":
		go func() {
			bufio.NewReader(os.Stdin).ReadString('\n')
			cancel()
		}()
	}
	_, err = client.UnloadModels(ctx, &models.UnloadModelsRequest{})
	report("UnloadModels", err, "")
}
