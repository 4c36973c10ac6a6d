using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Steps;

/// <summary>A layout has no LUKS volumes: what was one is a plain volume or not there.</summary>
internal sealed class CrypttabStep : TextStep
{
    public override string Concern => "Crypttab";

    /// <summary>Random-key swap on a partition that the copy has is left alone; everything else is commented out.</summary>
    public static (string Text, IReadOnlyList<TextChange> Changes) Transform(string text, DeviceMap devices)
    {
        var changes = new List<TextChange>();
        var lines = text.Split('\n');
        for (var index = 0; index < lines.Length; index++)
        {
            var fields = lines[index].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2 || fields[0].StartsWith('#'))
            {
                continue;
            }

            var opened = devices.Resolve($"/dev/mapper/{fields[0]}");
            var backing = devices.Resolve(fields[1]);
            if (opened.Fate == DeviceFate.Unknown && backing.Fate == DeviceFate.Kept)
            {
                continue;
            }

            var why = opened.Volume is not null ? "the volume is not encrypted by LUKS in the copy" : "the VM has no such device";
            changes.Add(new TextChange(fields[0], "commented out", why));
            lines[index] = FstabText.Marker + why + ": " + lines[index];
        }

        return (string.Join('\n', lines), changes);
    }

    protected override IEnumerable<string> Paths(CopyRoot files) => ["/etc/crypttab"];

    protected override (string Text, IReadOnlyList<TextChange> Changes) Transform(string path, string text, ReconfigureContext context) =>
        Transform(text, context.Devices);

    protected override void OnChanged(string path, ReconfigureContext context) => context.InitramfsInputs.Add(path);
}
