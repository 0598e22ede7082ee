#include "common/http/router.h"

#include <exception>

namespace redis_zk::http {

namespace {

std::string with_options(std::string_view methods) {
    return methods.empty() ? "OPTIONS" : std::string{methods} + ", OPTIONS";
}

Response run(const Router::Handler& handler, const Request& request) {
    try {
        return handler(request);
    } catch (const std::exception&) {
        // What went wrong inside is not for whoever reaches the port.
        return json_error(500, "internal error");
    }
}

}  // namespace

bool equal_in_constant_time(std::string_view given, std::string_view secret) {
    unsigned difference = given.size() == secret.size() ? 0 : 1;
    for (std::size_t index = 0; index < given.size(); ++index) {
        const char expected = secret.empty() ? '\0' : secret[index % secret.size()];
        difference |= static_cast<unsigned char>(given[index] ^ expected);
    }
    return difference == 0;
}

void Router::get(std::string path, Handler handler) {
    routes_[std::move(path)].get = std::move(handler);
}

void Router::post(std::string path, Effect effect, Handler handler) {
    Route& route = routes_[std::move(path)];
    route.post = std::move(handler);
    route.effect = effect;
}

std::vector<std::string> Router::pages() const {
    std::vector<std::string> paths;
    for (const auto& [path, route] : routes_)
        if (route.get) paths.push_back(path);
    return paths;
}

Response Router::answer(const Request& request) const {
    const auto found = routes_.find(request.path);
    if (found == routes_.end() && !(request.method == "OPTIONS" && request.path == "/*"))
        return json_error(404, "no such path");
    const Route& route = found == routes_.end() ? Route{} : found->second;
    std::string methods = route.get ? "GET, HEAD" : "";
    if (route.post) methods += methods.empty() ? "POST" : ", POST";

    if (request.method == "OPTIONS") {
        // HAProxy's httpchk asks with OPTIONS: it has to hear what GET would say.
        Response response = route.get ? run(route.get, request) : Response{};
        if (!route.get) response.status = 204;
        response.allow = with_options(methods);
        return response;
    }
    if (route.get && (request.method == "GET" || request.method == "HEAD"))
        return run(route.get, request);
    if (route.post && request.method == "POST") return answer_post(route, request);
    Response refusal = json_error(405, "this path does not know this method");
    refusal.allow = with_options(methods);
    return refusal;
}

Response Router::answer_post(const Route& route, const Request& request) const {
    if (token_.empty()) {
        if (route.effect == Effect::changes_something)
            return json_error(403, "no token is configured, so nothing can be changed over HTTP");
        return run(route.post, request);
    }
    if (request.token.empty()) {
        Response refusal = json_error(401, "a token is needed: Authorization: Bearer ...");
        refusal.wants_credentials = true;
        return refusal;
    }
    if (!equal_in_constant_time(request.token, token_)) return json_error(403, "wrong token");
    return run(route.post, request);
}

}  // namespace redis_zk::http
