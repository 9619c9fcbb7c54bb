/* SPDX-License-Identifier: ISC */
/*
 * Does nothing: what is counted here is the loader and the C library.
 */
int
main(void)
{
	return 0;
}
