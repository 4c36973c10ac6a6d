using System.Text.RegularExpressions;

namespace LinuxP2V.Engine.Rehearsals;

/// <summary>What a twin writes to its second serial port, a line each: a kind, a blank, the text. It may be any bytes.</summary>
internal sealed record BootReport
{
    private const int MostLines = 100;
    private const int LongestLine = 300;

    private static readonly Regex Unit = new(
        @"(?<name>[A-Za-z0-9:_.\\@-]+\.[a-z]+)\s",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    );

    private static readonly Regex Address = new(
        @"^\d+:\s+(?<adapter>\S+)\s+inet6?\s+(?<address>\S+)",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture
    );

    /// <summary>The machine has come so far that it runs programs.</summary>
    public bool HasBegun { get; init; }

    /// <summary>Nothing more will come.</summary>
    public bool IsComplete { get; init; }

    /// <summary>running, degraded, maintenance; null: not told, or not known to us.</summary>
    public string? State { get; init; }

    public IReadOnlyList<string> FailedUnits { get; init; } = [];

    public IReadOnlyList<string> KernelMessages { get; init; } = [];

    public IReadOnlyList<string> Addresses { get; init; } = [];

    public static BootReport Read(string text)
    {
        var lines = SerialText.Lines(text);
        return new BootReport
        {
            HasBegun = lines.Contains("begin"),
            IsComplete = lines.Contains("end"),
            State = Of(lines, "state").FirstOrDefault(state => state is "running" or "degraded" or "maintenance"),
            FailedUnits = [.. Of(lines, "unit").Select(line => Unit.Match(line + " ").Groups["name"].Value).Where(name => name.Length > 0)],
            KernelMessages = Of(lines, "kernel"),
            Addresses =
            [
                .. Of(lines, "address")
                    .Select(line => Address.Match(line))
                    .Where(match => match.Success)
                    .Select(match => $"{match.Groups["adapter"].Value} {match.Groups["address"].Value}"),
            ],
        };
    }

    private static List<string> Of(IReadOnlyList<string> lines, string kind) =>
        [
            .. lines
                .Where(line => line.StartsWith(kind + " ", StringComparison.Ordinal))
                .Select(line => line.Substring(kind.Length + 1).Trim())
                .Where(line => line.Length > 0)
                .Select(line => line.Length > LongestLine ? line.Substring(0, LongestLine) : line)
                .Take(MostLines),
        ];
}
