using System.Text;

namespace LinuxP2V.Guest.Files;

internal static class Encodings
{
    /// <summary>Brings any byte through unchanged.</summary>
    public static readonly Encoding Latin1 = Encoding.GetEncoding("ISO-8859-1");

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// A name out of a guest's file, whose characters are bytes, as a layout has it, where names are read as UTF-8. Bytes
    /// that are none stay as they are.
    /// </summary>
    public static string ToName(string text)
    {
        if (text.All(c => c < 128) || text.Any(c => c > 255))
            return text;

        try
        {
            return Strict.GetString(Latin1.GetBytes(text));
        }
        catch (DecoderFallbackException)
        {
            return text;
        }
    }
}
