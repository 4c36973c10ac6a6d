using System.Text;

namespace LinuxP2V.Guest.Files;

internal static class Encodings
{
    /// <summary>Brings any byte through unchanged.</summary>
    public static readonly Encoding Latin1 = Encoding.GetEncoding("ISO-8859-1");
}
