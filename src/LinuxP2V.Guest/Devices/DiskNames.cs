using System.Globalization;
using LinuxP2V.Protocol.Layout;

namespace LinuxP2V.Guest.Devices;

/// <summary>
/// Names of the VM's disks and partitions as its kernel will most likely give them; before there is a VM, the best
/// there is.
/// </summary>
public static class DiskNames
{
    private const int LettersInAlphabet = 26;

    /// <returns>Number of the layout's disk to its device: /dev/sda, /dev/nvme0n1.</returns>
    public static IReadOnlyDictionary<int, string> Guess(TargetLayout layout)
    {
        var names = new Dictionary<int, string>();
        var scsi = 0;
        foreach (var disk in layout.Disks.OrderBy(disk => disk.Number))
        {
            names[disk.Number] =
                disk.Address.Controller == DiskController.Nvme
                    ? string.Format(CultureInfo.InvariantCulture, "/dev/nvme{0}n{1}", disk.Address.Bus, disk.Address.Unit + 1)
                    : "/dev/sd" + Letters(scsi++);
        }

        return names;
    }

    /// <summary>/dev/sda3, /dev/nvme0n1p3.</summary>
    public static string Partition(string disk, int number) =>
        string.Format(CultureInfo.InvariantCulture, "{0}{1}{2}", disk, char.IsDigit(disk[disk.Length - 1]) ? "p" : "", number);

    private static string Letters(int index) =>
        (index >= LettersInAlphabet ? Letters(index / LettersInAlphabet - 1) : "") + (char)('a' + index % LettersInAlphabet);
}
