#include "common/event/resolver.h"

#include <stdexcept>
#include <utility>

#include <ares.h>

#include "common/event/question.h"

namespace redis_zk::event {

Lookup::Lookup() = default;
Lookup::~Lookup() = default;
Lookup::Lookup(Lookup&&) noexcept = default;
Lookup& Lookup::operator=(Lookup&&) noexcept = default;
Lookup::Lookup(std::unique_ptr<Question> question) : question_{std::move(question)} {}

Resolver::Resolver(Loop& loop) : Resolver{loop, Options{}} {}

Resolver::Resolver(Loop& loop, Options options) : loop_{loop}, options_{std::move(options)} {
    if (const int status = ares_library_init(ARES_LIB_INIT_ALL); status != ARES_SUCCESS)
        throw std::runtime_error{std::string{"cannot use c-ares: "} + ares_strerror(status)};
}

Resolver::~Resolver() {
    while (!questions_.empty()) (*questions_.begin())->cancel();
    ares_library_cleanup();
}

Lookup Resolver::resolve(const std::string& host, core::milliseconds deadline,
                         core::Callback<Addresses> on_answer) {
    return Lookup{std::make_unique<Lookup::Question>(*this, host, deadline, std::move(on_answer))};
}

}  // namespace redis_zk::event
