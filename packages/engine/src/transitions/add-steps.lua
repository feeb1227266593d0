local run = run_at(ARGV[3])
local epoch, write, plan_limit, depth_limit = ARGV[4], ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7])
local steps = cjson.decode(ARGV[8])

if not holds_phase(run, epoch, 'plan') then return reply('stale') end
if is_written(run, write) then return reply('added') end
local m = call('HMGET', run.meta, 'attempt_steps', 'steps_used', 'steps_limit', 'failed_fast')
-- The first step that there is no room for; nil when all fit.
local function beyond(used, limit)
  local room = math.max(0, tonumber(limit) - tonumber(used))
  return steps[room + 1]
end
local too_many = beyond(m[1], plan_limit)
if too_many then return reply('plan_too_large', { too_many.id }) end
too_many = m[3] ~= '' and beyond(m[2], m[3])
if too_many then return reply('budget_exceeded', { too_many.id }) end

-- All is checked before the first write: a refused batch changes nothing.
local depths, known = {}, {}
local function look_up(id)
  if not known[id] then
    local v = call('HMGET', step_key(run, id), 'depth', 'status', 'reason', 'policy', 'dependents')
    known[id] = { depth = tonumber(v[1] or '0'), status = v[2], reason = v[3], policy = v[4], dependents = v[5] or '' }
  end
  return known[id]
end
for _, step in ipairs(steps) do
  if depths[step.id] or call('EXISTS', step_key(run, step.id)) == 1 then return reply('duplicate_step', { step.id }) end
  local depth = 1
  for _, dep in ipairs(step.deps) do
    local below = depths[dep[2]] or look_up(dep[2]).depth
    if below == 0 then return reply('unknown_step', { step.id, dep[2] }) end
    depth = math.max(depth, below + 1)
  end
  if depth > depth_limit then return reply('plan_too_deep', { step.id }) end
  depths[step.id] = depth
end

note_written(run, write)
call('HINCRBY', run.meta, 'attempt_steps', #steps)
call('HINCRBY', run.meta, 'steps_used', #steps)
call('HINCRBY', run.meta, 'open_steps', #steps)

-- What each waits for, and what that means to it where it has settled.
local ids, earlier = {}, {}
for n, step in ipairs(steps) do
  step.waiting, step.data = 0, {}
  for _, dep in ipairs(step.deps) do
    local kind, id = dep[1], dep[2]
    if kind ~= 'a' then table.insert(step.data, id) end
    local d = known[id]
    if UNSETTLED[d.status] then
      step.waiting = step.waiting + 1
      d.dependents = d.dependents .. kind .. ':' .. step.id .. ' '
      if not depths[id] then earlier[id] = d end
    else
      local outcome = outcome_of(d.status, d.reason, d.policy)
      if not satisfies(outcome, kind) then step.skip = SKIP_REASON[outcome] end
    end
  end
  local own = { status = 'pending', reason = '', policy = step.policy, dependents = '' }
  if string.match(step.id, '^%d+') == m[4] then
    own.status, own.reason = 'aborted', 'fail_fast'
  elseif step.skip then
    own.status, own.reason = 'skipped', step.skip
  end
  known[step.id] = own
  ids[n] = step.id
end

for id, step in pairs(earlier) do
  call('HSET', step_key(run, id), 'dependents', step.dependents)
end
if #ids > 0 then call('RPUSH', run.ids, unpack(ids)) end
local ready = {}
for _, step in ipairs(steps) do
  local own = known[step.id]
  call('HSET', step_key(run, step.id), 'status', 'pending', 'reason', '', 'def', step.def, 'tool', step.tool,
    'queue', step.queue, 'cap', step.cap, 'policy', step.policy, 'deps', table.concat(step.data, ' '),
    'dependents', own.dependents, 'waiting_for', step.waiting, 'depth', depths[step.id], 'try', 1)
  append(run, 'step.added', step.added)
  if own.status == 'aborted' then
    abort_step(run, step.id, { status = 'pending' }, own.reason)
  elseif own.status == 'skipped' then
    skip_step(run, step.id, { status = 'pending' }, own.reason)
  elseif step.waiting == 0 then
    ready[#ready + 1] = step.id
  end
end
-- Only now: what is released may not settle, but it must find its dependents.
for _, id in ipairs(ready) do
  release(run, id)
end
-- A plan that comes whole is sealed with it: a planner that dies leaves all of it or nothing.
if ARGV[9] then seal_plan(run, unpack(ARGV, 9, 15)) end
return reply('added')
