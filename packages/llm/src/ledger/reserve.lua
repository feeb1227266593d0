-- Reserves on all accounts or on none.
-- KEYS: two for each account: its book (hash) and its leases (sorted set: "id amount" by when the lease ends); then one
-- for what this very reservation was told.
-- ARGV: id, lease in ms, fewest and most output tokens, those of an answer without a limit (0: it has one), then for each account:
--   kind, limit, fixed amount, amount for each output token, period or time to live in ms, spent elsewhere.
-- Kinds: `rate` counts within a sliding minute, `stock` is used up, `slots` are given back.
-- Replies: {1, tokens granted, then for each account: amount, room left, ms until it is whole again, window}
--      or: {0, account, reason, ms until it may fit, room}, reason: `full`, or `busy` where others may give back.
local told = redis.call('GET', KEYS[#KEYS])
-- Sent again, as its reply was lost.
if told then return cjson.decode(told) end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id, lease = ARGV[1], tonumber(ARGV[2])
local least, granted, unlimited = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local FIELDS = 6
-- Answers without a limit are let through while so many fit: one alone would keep all others waiting.
local UNLIMITED_AT_ONCE = 4
local is_far = unlimited > granted

local function whole(number) return string.format('%.0f', number) end

-- A sliding window, estimated from this window's count and the last one's, weighted by how much of it is still in view.
local function read_rate(account)
  local window = math.floor(now / account.period)
  local book = redis.call('HMGET', account.book, 'window', 'count', 'last')
  local at, count, last = tonumber(book[1] or window), tonumber(book[2] or 0), tonumber(book[3] or 0)
  if at == window - 1 then count, last = 0, count
  elseif at ~= window then count, last = 0, 0 end
  local passed = now - window * account.period
  account.window, account.count, account.last, account.passed = window, count, last, passed
  account.room = account.limit - count - last * (1 - passed / account.period)
  account.reserved = 0
end

local function read_stock(account)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', account.leases, '-inf', whole(now))) do
    -- Whoever held it is dead: what it had reserved counts as used.
    redis.call('ZREM', account.leases, member)
    local amount = string.match(member, ' (%d+)$')
    -- -0 is no integer to Redis.
    if amount ~= '0' then redis.call('HINCRBY', account.book, 'reserved', '-' .. amount) end
    if account.kind == 'stock' then redis.call('HINCRBY', account.book, 'spent', amount) end
  end
  local book = redis.call('HMGET', account.book, 'spent', 'reserved')
  account.reserved = tonumber(book[2] or 0)
  account.room = account.limit - math.max(tonumber(book[1] or 0), account.elsewhere) - account.reserved
end

-- When a call of that amount fits, if nobody else comes.
local function until_fits(account, amount)
  if account.kind ~= 'rate' then return 1000 end
  if amount > account.limit then return -1 end
  local excess = amount - account.room
  local left = account.period - account.passed
  if account.last > 0 then
    local wait = excess / account.last * account.period
    if wait <= left then return math.ceil(wait) end
  end
  local over = account.count + amount - account.limit
  if over <= 0 then return math.ceil(left) end
  return math.ceil(left + over / account.count * account.period)
end

local accounts = {}
for index = 1, (#KEYS - 1) / 2 do
  local at = 5 + (index - 1) * FIELDS
  local account = {
    book = KEYS[index * 2 - 1], leases = KEYS[index * 2],
    kind = ARGV[at + 1], limit = tonumber(ARGV[at + 2]), fixed = tonumber(ARGV[at + 3]), each = tonumber(ARGV[at + 4]),
    period = tonumber(ARGV[at + 5]), elsewhere = tonumber(ARGV[at + 6]),
  }
  if account.kind == 'rate' then read_rate(account) else read_stock(account) end
  local needed = account.fixed + account.each * least
  -- What takes nothing fits into what is overdrawn, too.
  if needed > 0 and needed > account.room then
    local busy = account.kind == 'stock' and needed <= account.room + account.reserved
    return { 0, index, busy and 'busy' or 'full', until_fits(account, needed), whole(math.floor(math.max(0, account.room))) }
  end
  if account.fixed + account.each * unlimited * UNLIMITED_AT_ONCE > account.room and account.each > 0 then is_far = false end
  if account.each > 0 then granted = math.min(granted, math.floor((account.room - account.fixed) / account.each)) end
  accounts[index] = account
end

if is_far then granted = unlimited end
local reply = { 1, granted }
for _, account in ipairs(accounts) do
  local amount = account.fixed + account.each * granted
  if account.kind == 'rate' then
    redis.call('HSET', account.book, 'window', account.window, 'count', whole(account.count + amount), 'last', whole(account.last))
    redis.call('PEXPIRE', account.book, account.period * 2)
    reply[#reply + 1] = whole(amount)
    reply[#reply + 1] = whole(math.floor(math.max(0, account.room - amount)))
    reply[#reply + 1] = math.ceil(account.period - account.passed)
    reply[#reply + 1] = account.window
  else
    redis.call('HINCRBY', account.book, 'reserved', whole(amount))
    redis.call('ZADD', account.leases, whole(now + lease), id .. ' ' .. whole(amount))
    if account.period > 0 then
      redis.call('PEXPIRE', account.book, account.period)
      redis.call('PEXPIRE', account.leases, account.period)
    end
    reply[#reply + 1] = whole(amount)
    reply[#reply + 1] = whole(math.floor(account.room - amount))
    reply[#reply + 1] = 0
    reply[#reply + 1] = 0
  end
end
redis.call('SET', KEYS[#KEYS], cjson.encode(reply), 'PX', lease)
return reply
