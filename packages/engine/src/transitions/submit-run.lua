local run = run_at(ARGV[3])
local run_id, incarnation, record, ctx, request_id, priority, tenant = unpack(ARGV, 4, 10)
local cap_run, cap_tenant, deadline, cap_open, steps_limit, trace, accepted, attempts_before, ttl_ms = unpack(ARGV, 11, 19)

local pointer = prefix .. 'run:' .. run_id
local before = tonumber(call('GET', pointer) or '0')
if before >= tonumber(incarnation) then return reply('exists') end
if tonumber(cap_open) > 0 and call('ZCARD', OPEN) >= tonumber(cap_open) then return reply('overloaded') end

-- An earlier life was only late, or has come back with Redis: a run lives once.
local earlier = run_at(run_id .. ':' .. before)
if call('EXISTS', earlier.meta) == 1 then end_life(earlier, ttl_ms) end

call('SET', pointer, incarnation)
-- Numbers go on where an earlier incarnation cannot have come to, so that a client's Last-Event-ID stays behind them.
call('HSET', run.meta, 'record', record, 'ctx', ctx, 'request_id', request_id, 'priority', priority, 'tenant', tenant,
  'cap_run', cap_run, 'cap_tenant', cap_tenant, 'deadline', deadline, 'steps_limit', steps_limit, 'trace', trace,
  'seq', (tonumber(incarnation) - 1) * 1000000, 'epoch', 0, 'attempt', attempts_before, 'attempts_before', attempts_before, 'phase', '', 'phase_delivery', 0,
  'phase_reason', 'first', 'sealed', '', 'restart', '', 'open_steps', 0, 'steps_used', 0)
set_status(run, 'accepted')
call('ZADD', OPEN, now, run.ref)
if deadline ~= '' then call('ZADD', DEADLINES, deadline, run.ref) end
append(run, 'run.accepted', accepted)
schedule(run, 'plan', 0)
return reply('submitted')
