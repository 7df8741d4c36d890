// What a gRPC server costs that does nothing: answers UnloadModels with an empty message and asks nobody. Asynchronous,
// with one thread, as the quickest of gRPC's own.
//
//   grpc_server SOCKET
#include <google/protobuf/empty.pb.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/support/async_unary_call.h>

#include <cstdio>
#include <memory>
#include <string>

namespace {

using Empty = google::protobuf::Empty;

// What grpc_cpp_plugin would make of the contract's one method.
class Service : public grpc::Service {
public:
    Service() {
        const auto path = "/pieces.models.v1.ModelsService/UnloadModels";
        AddMethod(new grpc::internal::RpcServiceMethod(path, grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
        MarkMethodAsync(0);
    }

    using grpc::Service::RequestAsyncUnary;
};

class Call {
public:
    Call(Service &service, grpc::ServerCompletionQueue &queue) : responder(&context) {
        service.RequestAsyncUnary(0, &context, &request, &responder, &queue, &queue, this);
    }

    // Says whether the call has ended.
    bool goOn() {
        if (isAnswered) return true;
        isAnswered = true;
        responder.Finish(Empty(), grpc::Status::OK, this);
        return false;
    }

private:
    grpc::ServerContext context;
    Empty request;
    grpc::ServerAsyncResponseWriter<Empty> responder;
    bool isAnswered = false;
};

void serve(Service &service, grpc::ServerCompletionQueue &queue) {
    constexpr int calls = 64;  // more than there are in flight
    for (int i = 0; i < calls; i++) new Call(service, queue);
    void *tag;
    bool isGood;
    while (queue.Next(&tag, &isGood)) {
        auto call = static_cast<Call *>(tag);
        if (isGood && !call->goOn()) continue;
        delete call;
        new Call(service, queue);
    }
}

}  // namespace

int main(int count, char **arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: grpc_server SOCKET\n");
        return 64;
    }
    Service service;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + std::string(arguments[1]), grpc::InsecureServerCredentials());
    builder.RegisterService(&service);
    auto queue = builder.AddCompletionQueue();
    auto server = builder.BuildAndStart();
    if (!server) return 1;
    serve(service, *queue);
}
