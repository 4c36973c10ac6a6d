using System.Globalization;
using System.Text;
using System.Text.Json;
using LinuxP2V.Engine;
using LinuxP2V.Engine.Access;
using LinuxP2V.Engine.Sources;

namespace LinuxP2V.Lab.FactsReader;

internal static class FactsPrinter
{
    public static async Task PrintAsync(string[] arguments)
    {
        var options = new SourceConnectionOptions
        {
            Host = arguments[1],
            Port = int.Parse(arguments[2], CultureInfo.InvariantCulture),
            User = arguments[3],
            PinnedFingerprint = arguments[5],
        };
        var secrets = new SourceSecrets { PrivateKey = File.ReadAllText(arguments[4]) };
        var source = await SourceDiscovery.ReadAsync(options, secrets, NullConsole.Instance, CancellationToken.None).ConfigureAwait(false);
        var json = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(source.Facts, EngineJson.Options));
        // Not by Console.Out, whose encoding is the machine's.
        using var output = Console.OpenStandardOutput();
        output.Write(json, 0, json.Length);
    }
}
