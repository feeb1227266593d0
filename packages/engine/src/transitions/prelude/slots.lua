-- A released step holds a slot of its run, of its tenant and, where the tool is capped, of its tool. Where one is
-- full the step is parked there, still pending, and the next slot to be freed there lets it try again.
-- What a script frees of a run is spare until its end: a step that the same script releases takes it over uncounted.

local function run_slots(run)
  local i = info(run)
  return {
    { key = run.meta, field = 'in_flight', cap = i.cap_run, parked = run.base .. 'parked' },
    { key = SLOTS, field = 'tenant:' .. i.tenant, cap = i.cap_tenant, parked = prefix .. 'parked:tenant:' .. i.tenant },
  }
end

local function tool_slot(tool, cap)
  return { key = SLOTS, field = 'tool:' .. tool, cap = tonumber(cap), parked = prefix .. 'parked:tool:' .. tool }
end

local function is_capped(cap)
  return cap and cap ~= ''
end

local function take_slots(run, id, tool, cap)
  local list = run.spare > 0 and {} or run_slots(run)
  if is_capped(cap) then list[#list + 1] = tool_slot(tool, cap) end
  for n, semaphore in ipairs(list) do
    if call('HINCRBY', semaphore.key, semaphore.field, 1) > semaphore.cap then
      for taken = 1, n do
        call('HINCRBY', list[taken].key, list[taken].field, -1)
      end
      call('ZADD', semaphore.parked, tonumber(info(run).priority) * 1e13 + now, member(run, id))
      call('HSET', step_key(run, id), 'parked', semaphore.parked)
      return false
    end
  end
  if run.spare > 0 then run.spare = run.spare - 1 end
  return true
end

local release -- below

local function give_back(semaphore)
  local used = call('HINCRBY', semaphore.key, semaphore.field, -1)
  while used < semaphore.cap do
    local popped = call('ZPOPMIN', semaphore.parked)
    if #popped == 0 then return end
    local ref, id = string.match(popped[1], '^([^|]+)|(.+)$')
    local owner = run_at(ref)
    call('HDEL', step_key(owner, id), 'parked')
    release(owner, id)
    used = tonumber(call('HGET', semaphore.key, semaphore.field) or '0')
  end
end

local function free_slots(run, tool, cap)
  run.spare = run.spare + 1
  if is_capped(cap) then give_back(tool_slot(tool, cap)) end
end

-- Releasing what was parked may touch further runs; a pass over all of them ends when none has a spare slot left.
local function give_back_slots()
  local again = true
  while again do
    again = false
    local with_spare = {}
    for _, run in pairs(runs) do
      if run.spare > 0 then with_spare[#with_spare + 1] = run end
    end
    for _, run in ipairs(with_spare) do
      again = true
      run.spare = run.spare - 1
      for _, semaphore in ipairs(run_slots(run)) do
        give_back(semaphore)
      end
    end
  end
end
