-- Sends the requests of a file in their order, each once; or, if told to repeat, over and over.
-- wrk -s load.lua URL -- FILE once|repeat

local threads, requests, count = {}, {}, 0

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  while true do
    local length = file:read(8)
    if not length then break end
    count = count + 1
    requests[count] = file:read(tonumber(length))
  end
  file:close()
  again = args[2] == "repeat"
  -- The first request that wrk asks for is only looked at and never sent.
  sent = -1
  exhausted = 0
end

function request()
  sent = sent + 1
  if sent == 0 then return requests[1] end
  if sent > count then
    if again then return requests[(sent - 1) % count + 1] end
    exhausted = exhausted + 1
    return "GET /exhausted HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
  end
  return requests[sent]
end

function done(summary, latency, _)
  local thread = threads[1]
  io.write(string.format(
    '\n{"requests":%d,"microseconds":%d,"sent":%d,"exhausted":%d,"p50_us":%d,"p90_us":%d,"p99_us":%d,"max_us":%d,' ..
    '"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}\n',
    summary.requests, summary.duration, thread:get("sent"), thread:get("exhausted"),
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max,
    summary.errors.connect, summary.errors.read, summary.errors.write, summary.errors.status, summary.errors.timeout))
end
