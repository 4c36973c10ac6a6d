namespace LinuxP2V.Agent.Copy.Tar;

/// <summary>Numbers of a tar header: octal digits, or binary where they do not suffice.</summary>
internal static class TarNumber
{
    private const byte Positive = 0x80;
    private const byte Negative = 0xff;

    /// <returns>False for what GNU tar takes for no number, or for another one: then both would not go on at the same place.</returns>
    public static bool TryRead(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        return field[0] switch
        {
            Positive or Negative => TryReadBinary(field, out value),
            _ => TryReadOctal(field, out value),
        };
    }

    private static bool TryReadBinary(ReadOnlySpan<byte> field, out long value)
    {
        value = field[0] == Negative ? -1 : 0;
        var sign = value;
        foreach (var part in field[1..])
        {
            // Another byte would shift bits of the number out.
            if (value >> 55 != sign)
                return false;

            value = (value << 8) | part;
        }

        return true;
    }

    private static bool TryReadOctal(ReadOnlySpan<byte> field, out long value)
    {
        value = 0;
        var digits = field.TrimStart((byte)' ');
        var count = 0;
        for (; count < digits.Length && digits[count] is >= (byte)'0' and <= (byte)'7'; count++)
            value = (value << 3) | (uint)(digits[count] - '0');

        return count > 0 && (count == digits.Length || digits[count] is 0 or (byte)' ');
    }
}
