// The C++ client of gRPC, from the contract alone. Prints what each call came to; test_clients.py says what is due.
//
//   client SOCKET calls|error|deadline|cancel        cancel: once a line has come on standard input
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpc/health/v1/health.grpc.pb.h>
#include <grpcpp/grpcpp.h>
#include <pieces/models/v1/models.grpc.pb.h>

#include <chrono>
#include <iostream>
#include <map>
#include <string>
#include <thread>

namespace models = pieces::models::v1;
using Stub = models::ModelsService::Stub;

namespace {

constexpr auto patience = std::chrono::seconds(20);

// Each call has a context of its own.
class Context : public grpc::ClientContext {
public:
    explicit Context(std::chrono::milliseconds timeout = patience) {
        set_deadline(std::chrono::system_clock::now() + timeout);
    }
};

std::string told(const grpc::Status &status) {
    std::string text = std::to_string(status.error_code());
    if (status.ok()) return text;
    text += " " + status.error_message();
    google::rpc::Status details;
    google::rpc::ErrorInfo info;
    details.ParseFromString(status.error_details());
    for (const auto &detail : details.details()) {
        if (!detail.UnpackTo(&info)) continue;
        text += " | " + info.reason() + " " + info.domain();
        for (const auto &[key, value] : std::map(info.metadata().begin(), info.metadata().end())) {
            text += " " + key + "=" + value;
        }
    }
    return text;
}

void report(const std::string &call, const grpc::Status &status, const std::string &more = "") {
    std::cout << call << ": " << told(status) << (more.empty() ? "" : " | ") << more << std::endl;
}

void read(Stub &stub) {
    models::Models snapshot;
    Context context;
    auto status = stub.ModelsSnapshot(&context, {}, &snapshot);
    report("ModelsSnapshot", status, std::to_string(snapshot.iterable_size()) + " models");

    Context streaming;
    models::Models part;
    int count = 0;
    auto reader = stub.StreamModelsSnapshot(&streaming, {});
    while (reader->Read(&part)) count += part.iterable_size();
    report("StreamModelsSnapshot", reader->Finish(), std::to_string(count) + " models");
}

void change(Stub &stub) {
    models::ModelsCreateNewModelRequest create;
    auto seeded = create.mutable_seeded_model();
    seeded->set_name("é");
    seeded->set_version("1");
    seeded->set_type(models::MODEL_TYPE_SPEED);
    seeded->set_usage(models::MODEL_USAGE_OCR);
    seeded->set_cloud(false);
    seeded->mutable_created()->mutable_value()->set_seconds(1'700'000'000);
    models::Model model;
    Context creating;
    auto status = stub.ModelsCreateNewModel(&creating, create, &model);
    report("ModelsCreateNewModel", status, model.name());

    models::ModelsDeleteSpecificModelCacheRequest emptying;
    emptying.set_model(model.id());
    emptying.mutable_model_delete_cache_input();
    models::ModelDeleteCacheOutput output;
    Context caching;
    report("ModelsDeleteSpecificModelCache", stub.ModelsDeleteSpecificModelCache(&caching, emptying, &output));

    models::ModelsDeleteSpecificModelRequest deletion;
    deletion.set_model(model.id());
    google::protobuf::Empty empty;
    Context deleting;
    report("ModelsDeleteSpecificModel", stub.ModelsDeleteSpecificModel(&deleting, deletion, &empty));
}

void unload(Stub &stub, Context &context) {
    google::protobuf::Empty empty;
    report("UnloadModels", stub.UnloadModels(&context, {}, &empty));
}

void check(const std::shared_ptr<grpc::Channel> &channel) {
    auto stub = grpc::health::v1::Health::NewStub(channel);
    grpc::health::v1::HealthCheckResponse response;
    Context context;
    auto status = stub->Check(&context, {}, &response);
    report("Check", status, grpc::health::v1::HealthCheckResponse::ServingStatus_Name(response.status()));
}

}  // namespace

int main(int count, char **arguments) {
    if (count != 3) {
        std::cerr << "usage: client SOCKET calls|error|deadline|cancel\n";
        return 64;
    }
    auto channel = grpc::CreateChannel("unix:" + std::string(arguments[1]), grpc::InsecureChannelCredentials());
    // So that the time of a deadline is the call's alone.
    channel->WaitForConnected(std::chrono::system_clock::now() + patience);
    auto stub = models::ModelsService::NewStub(channel);
    const std::string wanted = arguments[2];
    Context context(wanted == "deadline" ? std::chrono::seconds(1) : patience);
    if (wanted == "cancel") {
        std::thread cancelling([&] {
            std::cin.get();
            context.TryCancel();
        });
        unload(*stub, context);
        cancelling.join();
        return 0;
    }
    if (wanted == "calls") {
        read(*stub);
        change(*stub);
        check(channel);
    }
    unload(*stub, context);
}
