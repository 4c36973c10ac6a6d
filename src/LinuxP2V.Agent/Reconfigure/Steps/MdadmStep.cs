using LinuxP2V.Agent.Reconfigure.Tree;

namespace LinuxP2V.Agent.Reconfigure.Steps;

/// <summary>A layout has no RAID: arrays that are still named are waited for, or bring the monitor to complain.</summary>
internal sealed class MdadmStep : TextStep
{
    public override string Concern => "Mdadm";

    /// <summary>Lines that belong to an entry are indented below it.</summary>
    public static (string Text, IReadOnlyList<TextChange> Changes) Transform(string text)
    {
        const string Why = "the array became a plain disk or was left out";
        var changes = new List<TextChange>();
        var lines = text.Split('\n');
        var isInside = false;
        for (var index = 0; index < lines.Length; index++)
        {
            var line = lines[index];
            var isContinued = isInside && line.Length > 0 && char.IsWhiteSpace(line[0]) && line.Trim().Length > 0;
            isInside = isContinued || line.StartsWith("ARRAY ", StringComparison.OrdinalIgnoreCase);
            if (isInside)
            {
                if (!isContinued)
                {
                    changes.Add(new TextChange(string.Join(' ', line.Split(' ').Take(2)), "commented out", Why));
                }

                lines[index] = FstabText.Marker + line;
            }
        }

        return (string.Join('\n', lines), changes);
    }

    protected override IEnumerable<string> Paths(CopyRoot files) => ["/etc/mdadm/mdadm.conf", "/etc/mdadm.conf"];

    protected override (string Text, IReadOnlyList<TextChange> Changes) Transform(string path, string text, ReconfigureContext context) =>
        Transform(text);

    protected override void OnChanged(string path, ReconfigureContext context) => context.InitramfsInputs.Add(path);
}
