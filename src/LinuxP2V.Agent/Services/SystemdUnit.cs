namespace LinuxP2V.Agent.Services;

/// <summary>What systemctl shows of a unit.</summary>
/// <param name="Id">Its own name, also where it was asked for by an alias.</param>
/// <param name="Dependents">Units that stop with it.</param>
/// <param name="Triggers">Sockets, paths and timers that would start it again.</param>
internal sealed record SystemdUnit(string Id, bool IsKnown, bool IsActive, IReadOnlyList<string> Dependents, IReadOnlyList<string> Triggers)
{
    public const string Properties = "Id,LoadState,ActiveState,RequiredBy,BoundBy,ConsistsOf,TriggeredBy";

    /// <param name="text">A paragraph for each unit.</param>
    public static IReadOnlyList<SystemdUnit> ParseAll(string text) =>
        [.. text.Split("\n\n").Where(paragraph => paragraph.Trim().Length > 0).Select(Parse)];

    /// <param name="text">Lines of NAME=VALUE.</param>
    private static SystemdUnit Parse(string text)
    {
        var values = text.Split('\n')
            .Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0])
            .ToDictionary(group => group.Key, group => group.First()[1].Trim());
        string Value(string name) => values.GetValueOrDefault(name, "");
        string[] Units(params string[] names) =>
            [.. names.SelectMany(name => Value(name).Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct()];
        return new SystemdUnit(
            Value("Id"),
            Value("LoadState") is not ("not-found" or "" or "error" or "bad-setting"),
            // Neither is stopped nor about to be.
            Value("ActiveState") is "active" or "activating" or "reloading",
            Units("RequiredBy", "BoundBy", "ConsistsOf"),
            Units("TriggeredBy")
        );
    }
}
