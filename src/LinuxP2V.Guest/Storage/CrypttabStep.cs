using LinuxP2V.Guest.Devices;
using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Storage;

/// <summary>A layout has no LUKS volumes: what was one is a plain volume or not there.</summary>
internal sealed class CrypttabStep : TextStep
{
    public override string Concern => "Crypttab";

    /// <summary>Random-key swap on a partition that the copy has is left alone; everything else is commented out.</summary>
    public static ChangedText Transform(string text, DeviceMap devices)
    {
        var changes = new List<TextChange>();
        var lines = text.Split('\n');
        for (var index = 0; index < lines.Length; index++)
        {
            var fields = lines[index].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2 || fields[0].StartsWith("#", StringComparison.Ordinal))
            {
                continue;
            }

            var opened = devices.Resolve($"/dev/mapper/{fields[0]}");
            var backing = devices.Resolve(fields[1]);
            if (opened.State == DeviceState.Unknown && backing.State == DeviceState.Kept)
            {
                continue;
            }

            var why = opened.Volume is not null ? "the volume is not encrypted by LUKS in the copy" : "the VM has no such device";
            changes.Add(new TextChange(fields[0], "commented out", why));
            lines[index] = ChangedText.Marker + why + ": " + lines[index];
        }

        return new ChangedText(string.Join("\n", lines), changes);
    }

    protected override IEnumerable<string> Paths(GuestTree files) => ["/etc/crypttab"];

    protected override ChangedText Transform(string path, string text, GuestContext context) => Transform(text, context.Devices);

    protected override void OnChanged(string path, string old, GuestContext context) => context.InitramfsInputs.Add(path);
}
