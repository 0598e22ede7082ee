// Which handler answers which request, and who may ask. Pure: knows no sockets.
//
// A route that changes something is asked with POST and the token. Without a configured token
// nobody may change anything: an open port must not be a way to depose a master.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/message.h"

namespace redis_zk::http {

// Compares in a time that depends on the length of `given` only, so that nobody can find a secret
// byte by byte.
bool equal_in_constant_time(std::string_view given, std::string_view secret);

class Router {
  public:
    // Called on the loop and answered at once: it reads a copy of the view, or turns the request
    // into a fact. An exception becomes 500.
    using Handler = std::function<Response(const Request&)>;

    explicit Router(std::string token = {}) : token_{std::move(token)} {}

    // GET, and with it HEAD. Whoever reaches the port may ask.
    void get(std::string path, Handler handler);

    // POST. `changes_something`: needs the token, 403 if none is configured. Otherwise the token
    // is needed only if one is configured.
    enum class Effect { changes_something, changes_nothing };
    void post(std::string path, Effect effect, Handler handler);

    // All that can be asked with GET, sorted; for a page of links.
    std::vector<std::string> pages() const;

    // The answer to HEAD has the body of GET: the server measures it and leaves it out. 404 for an
    // unknown path, 405 with the allowed methods for a known one, 401 without a token, 403 with a
    // wrong one. OPTIONS answers as GET does, with the allowed methods: balancers ask with it.
    Response answer(const Request& request) const;

  private:
    struct Route {
        Handler get;
        Handler post;
        Effect effect = Effect::changes_something;
    };
    Response answer_post(const Route& route, const Request& request) const;

    std::string token_;
    std::map<std::string, Route, std::less<>> routes_;
};

}  // namespace redis_zk::http
