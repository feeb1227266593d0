-- What a call is expected to cost is taken from its run's budget before it is made; when its step is settled, what it
-- did cost takes its place. A step that begins again in between leaves the estimate charged.
local run = run_at(ARGV[3])
local id, epoch, cost = ARGV[4], ARGV[5], ARGV[6]

local v = call('HMGET', step_key(run, id), 'status', 'epoch', 'reserved')
if v[1] ~= 'running' then return reply('stale') end
if v[2] ~= epoch then return reply('stale') end -- guard:epoch
local reserved = epoch .. ' ' .. cost
-- Sent again after a reply that was lost.
if v[3] == reserved then return reply('reserved') end

local m = call('HMGET', run.meta, 'budget', 'cost_usd', 'tokens')
local budget = m[1] and cjson.decode(m[1]) or {}
local function refuse(limit, how)
  return reply('budget_exceeded', { 'the budget of ' .. string.format('%.14g', limit) .. how })
end
if budget.tokens and tonumber(m[3] or '0') >= budget.tokens then return refuse(budget.tokens, ' tokens is used up') end
if budget.cost_usd then
  if tonumber(m[2] or '0') >= budget.cost_usd then return refuse(budget.cost_usd, ' USD is used up') end
  -- Redis adds decimals more exactly than Lua: 0.1 three times is 0.3 there.
  if tonumber(call('HINCRBYFLOAT', run.meta, 'cost_usd', cost)) > budget.cost_usd then
    call('HINCRBYFLOAT', run.meta, 'cost_usd', '-' .. cost)
    return refuse(budget.cost_usd, ' USD does not cover this call')
  end
else
  call('HINCRBYFLOAT', run.meta, 'cost_usd', cost)
end
call('HINCRBYFLOAT', step_key(run, id), 'cost_usd', cost)
call('HSET', step_key(run, id), 'reserved', reserved)
return reply('reserved')
