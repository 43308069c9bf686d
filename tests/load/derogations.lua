-- Writes of wrk: `wrk ... -- TOKEN FIRST`. Each records a derogation of a Party on the day before its last,
-- from the FIRST such write on, so each moves that State's status.
local parties = { "ITA", "NLD", "NOR", "SWE", "DNK", "FIN" }
local newest = 1793404800 -- 2026-10-31
local count

function init(words)
    count = tonumber(words[2])
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Authorization"] = "Bearer " .. words[1]
end

function request()
    local day = os.date("!%Y-%m-%d", newest - math.floor(count / #parties) * 86400)
    local body = string.format('{"state":"%s","kind":"derogation","date":"%s","verification":"unconfirmed"}',
        parties[count % #parties + 1], day)
    count = count + 1
    return wrk.format(nil, "/v1/actions", nil, body)
end
