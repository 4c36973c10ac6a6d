using System.Globalization;

namespace LinuxP2V.Engine.Sources.Probing;

/// <summary>
/// The probe as it is fed to a shell's standard input: on a command line it would stand in the source's sudo log, whole.
/// </summary>
internal sealed class ProbeScript
{
    private static readonly Lazy<string> Template = new(Load);

    /// <summary>A word that nothing on the source can hold by chance.</summary>
    public string Marker { get; } = "@@" + Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);

    public string Text => $"M={Marker}\n{Template.Value}";

    private static string Load()
    {
        using var stream =
            typeof(ProbeScript).Assembly.GetManifestResourceStream("LinuxP2V.Engine.Sources.probe.sh")
            ?? throw new InvalidOperationException("The assembly lacks its probe script.");
        using var reader = new StreamReader(stream);
        // A checkout on Windows may have made it CRLF, which no sh reads.
        return reader.ReadToEnd().Replace("\r\n", "\n");
    }
}
