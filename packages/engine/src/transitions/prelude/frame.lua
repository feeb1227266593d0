-- What every transition shares begins here and ends with reply.lua. A script is these files and its own, so each
-- transition is one atomic write: the state, its events and the due records of whatever it released change together
-- or not at all.
--
--   step:  pending -> queued -> running -> completed | failed | skipped | aborted
--                       ^          |
--                       |          +-> queued              (retry, fallback, crash, hand-back)
--                       +-- awaiting_approval <-+          (bound, frozen, its slots given back)
--
--   run:   accepted -> planning -> executing -> joining -> completed | partial | failed | cancelled
--                        ^                        |
--                        +------- replan ---------+
--
-- A run's phase says which job it waits for: plan, join or persist; none while its steps decide what comes next.
--
-- KEYS[1] is the partition's prefix, such as py:{p0}: ; every key below has its hash tag.
local prefix = KEYS[1]
local lease_ms, grace_ms = tonumber(ARGV[1]), tonumber(ARGV[2])
local call = redis.call
-- At maxmemory Redis refuses what may grow and lets ZREM or DEL through: half a transition. This may grow, and does
-- nothing: where it is refused, nothing was written yet.
call('SETRANGE', prefix, 0, '')
-- One clock for leases, deadlines and events: that of Redis, whatever the clocks of the workers say.
local clock = call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

local DUE, LEASES = prefix .. 'due', prefix .. 'leases'
local DEADLINES, APPROVALS = prefix .. 'deadlines', prefix .. 'approvals'
local OPEN, SLOTS = prefix .. 'open', prefix .. 'slots'

local appended = {} -- of each run: the time, then its events
local runs = {}

-- One table for each run that a script touches, so that what it counts is counted once.
local function run_at(ref)
  local run = runs[ref]
  if not run then
    local base = prefix .. 'r:' .. ref .. ':'
    run = { ref = ref, base = base, meta = base .. 'meta', ids = base .. 'ids', events = base .. 'events', spare = 0, added_bytes = 0, results = {} }
    runs[ref] = run
  end
  return run
end

local function step_key(run, id)
  return run.base .. 's:' .. id
end

local function member(run, what)
  return run.ref .. '|' .. what
end

-- What scripts need of a run's hash, read once.
local function info(run)
  if not run.info then
    local v = call('HMGET', run.meta, 'priority', 'request_id', 'tenant', 'cap_run', 'cap_tenant', 'seq', 'ctx', 'trace', 'bytes')
    run.info = { priority = v[1], request_id = v[2], tenant = v[3], cap_run = tonumber(v[4]), cap_tenant = tonumber(v[5]), ctx = v[7], trace = v[8] }
    run.seq = tonumber(v[6])
    run.bytes = tonumber(v[9] or '0')
  end
  return run.info
end

-- Events are numbered here and written once, by `reply`.
local function append(run, kind, data)
  local traced = info(run).trace == '1' or not (string.find(kind, '^step%.') or string.find(kind, '^plan%.'))
  if not traced then return end
  run.seq = run.seq + 1
  local lines = appended[run]
  if lines then
    lines[#lines + 1] = kind .. ' ' .. data
  else
    appended[run] = { tostring(now), kind .. ' ' .. data }
  end
end
