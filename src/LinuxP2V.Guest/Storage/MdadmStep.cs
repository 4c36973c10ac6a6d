using LinuxP2V.Guest.Files;
using LinuxP2V.Guest.Planning;

namespace LinuxP2V.Guest.Storage;

/// <summary>A layout has no RAID: arrays that are still named are waited for, or bring the monitor to complain.</summary>
internal sealed class MdadmStep : TextStep
{
    public override string Concern => "Mdadm";

    /// <summary>Lines that belong to an entry are indented below it.</summary>
    public static ChangedText Transform(string text)
    {
        const string Why = "the array became a plain disk or was left out";
        var changes = new List<TextChange>();
        var lines = text.Split('\n');
        var isInside = false;
        for (var index = 0; index < lines.Length; index++)
        {
            var line = lines[index];
            var isContinued = isInside && line.Length > 0 && char.IsWhiteSpace(line[0]) && line.Trim().Length > 0;
            isInside = isContinued || IsArray(line);
            if (isInside)
            {
                if (!isContinued)
                {
                    changes.Add(new TextChange(string.Join(" ", line.Split(' ', '\t').Take(2)), "commented out", Why));
                }

                lines[index] = ChangedText.Marker + line;
            }
        }

        return new ChangedText(string.Join("\n", lines), changes);
    }

    protected override IEnumerable<string> Paths(GuestTree files) =>
        [
            "/etc/mdadm/mdadm.conf",
            "/etc/mdadm.conf",
            .. files.Files("/etc/mdadm/mdadm.conf.d", "*.conf"),
            .. files.Files("/etc/mdadm.conf.d", "*.conf"),
        ];

    protected override ChangedText Transform(string path, string text, GuestContext context) => Transform(text);

    /// <summary>mdadm takes keywords in any case, and the first three letters of them.</summary>
    private static bool IsArray(string line)
    {
        var word = line.Split((char[])[' ', '\t'], 2)[0].TrimEnd('\r');
        return word.Length >= 3 && "array".StartsWith(word, StringComparison.OrdinalIgnoreCase);
    }

    protected override void OnChanged(string path, string old, GuestContext context) => context.InitramfsInputs.Add(path);
}
